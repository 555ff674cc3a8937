using System.Text;
using System.Text.Json;
using ModelRunner.Export.GenAi;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

public sealed class Stories260KTests
{
    // llama.cpp's greedy text, and llama2.c's own documentation.
    private const string Story = ", there was a little girl named Lily. She loved to play outside in the park. One day, she saw a "
        + "big, red ball. She wanted to play with it, but it was too high.\nLily's mom said";

    [Theory]
    [InlineData(WeightPrecision.Fp32)]
    [InlineData(WeightPrecision.Fp16)]
    public void Convert_TrainedModel_WritesTheKnownStory(WeightPrecision precision)
    {
        using var folder = new ConvertedFolder(SharedData.Stories260K, new ConversionOptions { Precision = precision });
        using var decoder = new OnnxDecoder(folder.Path);
        var pieces = ReadPieces(folder.Path);
        // BOS, then the prompt's pieces as llama.cpp has them: "▁Once", "▁upon", "▁a", "▁time".
        var tokens = new List<int> { 1 };
        tokens.AddRange(new[] { "\u2581Once", "\u2581upon", "\u2581a", "\u2581time" }.Select(piece => Array.IndexOf(pieces, piece)));
        Assert.DoesNotContain(-1, tokens);

        var text = "";
        var logits = decoder.Decode([.. tokens])[^1];
        while (text.Length < Story.Length)
        {
            var token = Array.IndexOf(logits, logits.Max());
            text += pieces[token] == "<0x0A>" ? "\n" : pieces[token].Replace('\u2581', ' ');
            logits = decoder.Decode(token)[^1];
        }

        Assert.Equal(Story, text);
    }

    [Fact]
    public void Convert_TrainedModel_AgreesWithTheReference()
    {
        using var folder = new ConvertedFolder(SharedData.Stories260K);
        using var decoder = new OnnxDecoder(folder.Path);
        int[] tokens = [1, .. Enumerable.Range(0, 47).Select(i => 259 + i * 37 % 250)];

        var expected = new ReferenceDecoder(SharedData.Stories260K).Decode(tokens);
        Assert.InRange(LogitDistance.Largest(expected, decoder.Decode(tokens)), 0, 2e-4);
        Assert.Equal(16, decoder.HeadLength);
    }

    private static string[] ReadPieces(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json"), Encoding.UTF8));
        return [.. json.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(entry => entry.Value.GetInt32()).Select(entry => entry.Name)];
    }
}
