using System.Runtime.InteropServices;
using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// Angles of rotary positions, in the single-precision steps of ggml's <c>ggml_rope_cache_init</c>, so that far
/// positions agree with llama.cpp: plain, linear, YaRN, and Llama 3's factors per pair.
/// </summary>
internal sealed class RotaryTable
{
    private readonly int _pairCount;
    private readonly float _thetaScale;
    private readonly float _frequencyScale;
    private readonly float _magnitude;
    private readonly float[]? _factors;
    private readonly float[]? _ramp;

    public RotaryTable(GgufFile file, DecoderShape shape, float[]? factors)
    {
        var metadata = file.Metadata;
        var prefix = $"{shape.Architecture}.rope.";
        var frequencyBase = (float)(metadata.GetNumber(prefix + "freq_base") ?? 10_000);
        var kind = metadata.GetText(prefix + "scaling.type") ?? "linear";
        if (kind is not ("none" or "linear" or "yarn"))
            throw new ConversionException($"'{prefix}scaling.type' is '{kind}', which cannot be converted: none, linear and yarn can");
        var factor = kind == "none" ? 1
            : (float)(metadata.GetNumber(prefix + "scaling.factor") ?? metadata.GetNumber(prefix + "scale_linear") ?? 1);
        if (factor == 0)
            factor = 1;
        if (metadata.GetNumber(prefix + "scaling.yarn_log_multiplier") is { } multiplier && multiplier != 0)
            throw new ConversionException($"'{prefix}scaling.yarn_log_multiplier' is {multiplier}, which cannot be converted");

        _pairCount = shape.RotaryLength / 2;
        _thetaScale = MathF.Pow(frequencyBase, -2f / shape.RotaryLength);
        _frequencyScale = 1 / factor;
        _magnitude = (float)(metadata.GetNumber(prefix + "scaling.attn_factor") ?? 1);
        _factors = factors;
        if (kind != "yarn")
            return;
        _magnitude *= (float)(metadata.GetNumber(prefix + "scaling.yarn_attn_factor") ?? 1)
            * (factor > 1 ? 1 + 0.1f * MathF.Log(factor) : 1);
        _ramp = BuildRamp(
            shape.RotaryLength,
            (float)(metadata.GetNumber(prefix + "scaling.original_context_length") ?? shape.ContextLength),
            frequencyBase,
            (float)(metadata.GetNumber(prefix + "scaling.yarn_beta_fast") ?? 32),
            (float)(metadata.GetNumber(prefix + "scaling.yarn_beta_slow") ?? 1),
            (float)(metadata.GetNumber(prefix + "scaling.yarn_ext_factor") ?? 1));
    }

    /// <summary>[positions, columns] cosines or sines; columns beyond the rotated pairs turn nothing.</summary>
    public void Write(Stream stream, int positions, int columns, bool sines)
    {
        var row = new float[columns];
        for (var position = 0; position < positions; position++)
        {
            Array.Fill(row, sines ? 0 : 1);
            var theta = (float)position;
            for (var pair = 0; pair < _pairCount; pair++, theta *= _thetaScale)
            {
                var angle = Angle(theta, pair);
                row[pair] = (sines ? MathF.Sin(angle) : MathF.Cos(angle)) * _magnitude;
            }

            stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    private float Angle(float theta, int pair)
    {
        var extrapolated = _factors is null ? theta : theta / _factors[pair];
        var interpolated = _frequencyScale * extrapolated;
        return _ramp is null ? interpolated : interpolated * (1 - _ramp[pair]) + extrapolated * _ramp[pair];
    }

    /// <summary>YaRN (Peng et al. 2023): 1 where a pair turns often enough to keep its frequency, 0 where it is stretched.</summary>
    private static float[] BuildRamp(
        int rotaryLength, float originalLength, float frequencyBase, float fast, float slow, float extrapolation)
    {
        var low = MathF.Max(0, MathF.Floor(PairOfTurns(fast)));
        var high = MathF.Min(rotaryLength - 1, MathF.Ceiling(PairOfTurns(slow)));
        var ramp = new float[rotaryLength / 2];
        for (var pair = 0; pair < ramp.Length; pair++)
            ramp[pair] = (1 - Math.Clamp((pair - low) / MathF.Max(0.001f, high - low), 0, 1)) * extrapolation;
        return ramp;

        float PairOfTurns(float turns) =>
            rotaryLength * MathF.Log(originalLength / (turns * 2 * MathF.PI)) / (2 * MathF.Log(frequencyBase));
    }
}
