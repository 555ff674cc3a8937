using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>A real GenAI export with keys and values in one growing tensor, and the tokens that were published for it.</summary>
public sealed class Gpt2Tests
{
    private static readonly int[] FirstPrompt = [0, 0, 0, 52];
    private static readonly int[] FirstAnswer = [204, 204, 204, 204, 204, 204];
    private static readonly int[] SecondPrompt = [0, 0, 195, 731];
    private static readonly int[] SecondAnswer = [731, 114, 114, 114, 114, 114];

    private readonly DecodeBatch _batch = new(64, 8);

    [Fact]
    public void Greedy_Alone_GivesThePublishedTokens()
    {
        using var session = Create();
        Assert.Equal(FirstAnswer, Generate(session, [(0, FirstPrompt)])[0]);
        Assert.Equal(SecondAnswer, Generate(session, [(1, SecondPrompt)])[0]);
    }

    [Fact]
    public void Greedy_Together_GivesThePublishedTokens()
    {
        using var session = Create();
        var answers = Generate(session, [(2, FirstPrompt), (0, SecondPrompt)]);
        Assert.Equal(FirstAnswer, answers[0]);
        Assert.Equal(SecondAnswer, answers[1]);
    }

    private static IDecodeSession Create()
    {
        using var model = LoadedModel.Load(SharedData.Require("models/genai/tiny-random-gpt2-fp32"));
        return model.CreateSession(LoadedModel.Options(4, 64));
    }

    private List<int>[] Generate(IDecodeSession session, (int Sequence, int[] Prompt)[] requests)
    {
        var answers = requests.Select(_ => new List<int>()).ToArray();
        for (var step = 0; step < FirstAnswer.Length; step++)
        {
            _batch.Clear();
            for (var i = 0; i < requests.Length; i++)
                _batch.Add(requests[i].Sequence, session.GetLength(requests[i].Sequence), step == 0 ? requests[i].Prompt : [answers[i][^1]], LogitRows.Last);
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
            for (var i = 0; i < requests.Length; i++)
                answers[i].Add(TensorPrimitives.IndexOfMax(session.GetLogits(i)));
        }

        return answers;
    }
}
