namespace ModelRunner.Testing;

/// <summary>
/// A decoder of one layer that is small enough to be computed in a few loops: what a graph gives is compared with that.
/// Weights are random by a fixed seed, and are the same for every kind of graph.
/// </summary>
public sealed class TinyDecoder(TinyDecoderOptions options)
{
    public const int Vocabulary = 40;
    public const int Width = 16;
    public const int Heads = 2;
    public const int HeadWidth = 8;
    public const int ContextLength = 96;

    /// <summary>One step of an int8 KV cache, and of an int4 one.</summary>
    public const float KvScale = 1 / 32f;
    public const float Int4KvScale = 1 / 4f;

    public TinyDecoderOptions Options => options;

    public float[] Embeddings { get; } = Random(1, Vocabulary * Width, 1);

    public float[] Positions { get; } = Random(2, ContextLength * Width, 0.5f);

    /// <summary><c>[heads, width, head width]</c>, as the keys and values.</summary>
    public float[] Queries { get; } = Random(3, Heads * Width * HeadWidth, 0.6f);

    public float[] Keys { get; } = Random(4, Heads * Width * HeadWidth, 0.6f);

    public float[] Values { get; } = Random(5, Heads * Width * HeadWidth, 0.6f);

    /// <summary><c>[heads, head width, width]</c>.</summary>
    public float[] Joined { get; } = Random(6, Heads * HeadWidth * Width, 0.6f);

    /// <summary><c>[width, vocabulary]</c>.</summary>
    public float[] Output { get; } = Random(7, Width * Vocabulary, 1);

    /// <summary>The logits after the last of these tokens.</summary>
    public float[] LogitsOf(ReadOnlySpan<int> tokens) => Multiply(StatesOf(tokens)[^1], Output, 0, Vocabulary);

    /// <summary>The hidden state of each token.</summary>
    public float[][] StatesOf(ReadOnlySpan<int> tokens)
    {
        var inputs = new float[tokens.Length][];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = new float[Width];
            for (var column = 0; column < Width; column++)
                inputs[i][column] = Embeddings[(tokens[i] * Width) + column] + (options.HasPositions ? Positions[(i * Width) + column] : 0);
        }

        float[][] states = [.. inputs.Select(input => input.ToArray())];
        for (var head = 0; head < Heads; head++)
            Attend(inputs, states, head);
        return states;
    }

    private void Attend(float[][] inputs, float[][] states, int head)
    {
        var part = head * Width * HeadWidth;
        float[][] queries = [.. inputs.Select(input => Multiply(input, Queries, part, HeadWidth))];
        float[][] keys = [.. inputs.Select(input => Store(Multiply(input, Keys, part, HeadWidth), head, options.KeyScales))];
        float[][] values = [.. inputs.Select(input => Store(Multiply(input, Values, part, HeadWidth), head, options.ValueScales))];
        for (var i = 0; i < inputs.Length; i++)
        {
            var first = options.Window == 0 ? 0 : Math.Max(0, i - options.Window + 1);
            var weights = new double[i - first + 1];
            for (var j = first; j <= i; j++)
                weights[j - first] = Math.Exp(Dot(queries[i], keys[j]) / Math.Sqrt(HeadWidth));
            var sum = weights.Sum();
            var mixed = new float[HeadWidth];
            for (var j = first; j <= i; j++)
                for (var column = 0; column < HeadWidth; column++)
                    mixed[column] += (float)(weights[j - first] / sum) * values[j][column];
            var added = Multiply(mixed, Joined, head * HeadWidth * Width, Width);
            for (var column = 0; column < Width; column++)
                states[i][column] += added[column];
        }
    }

    /// <summary>The scale of every element of a head: one, or where each has its own, others that no two heads share.</summary>
    public float[] ScalesOf(int head, string granularity) =>
    [
        .. Enumerable.Range(0, HeadWidth).Select(i =>
            (options.KvType == "int4" ? Int4KvScale : KvScale) * (granularity == "PER_CHANNEL" ? 1 + (((head * HeadWidth) + i) / 64f) : 1)),
    ];

    /// <summary>What is left of keys or values in the type of the KV cache.</summary>
    private float[] Store(float[] values, int head, string granularity) => options.KvType switch
    {
        "fp16" => Array.ConvertAll(values, value => (float)(Half)value),
        "int8" => Round(values, ScalesOf(head, granularity), -128, 127),
        "int4" => Round(values, ScalesOf(head, granularity), -8, 7),
        _ => values,
    };

    private static float[] Round(float[] values, float[] scales, float least, float most) =>
        [.. values.Zip(scales, (value, scale) => Math.Clamp(MathF.Round(value / scale), least, most) * scale)];

    private static double Dot(float[] left, float[] right) => left.Zip(right).Sum(pair => (double)pair.First * pair.Second);

    private static float[] Multiply(float[] row, float[] matrix, int start, int columns)
    {
        var result = new float[columns];
        for (var i = 0; i < row.Length; i++)
            for (var column = 0; column < columns; column++)
                result[column] += row[i] * matrix[start + (i * columns) + column];
        return result;
    }

    private static float[] Random(int seed, int count, float deviation)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * 2 * deviation))];
    }
}
