using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;
using ModelRunner.Testing;
using SessionOptions = ModelRunner.Abstractions.Tokens.SessionOptions;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>
/// Memory that cannot be bound, as where an accelerator has no room for its copy: here by a name that the graph has not.
/// It fails the launch that needs it, and not the loop.
/// </summary>
public sealed class FailedBindTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly InferenceSession _session;
    private readonly DecoderInterface _decoder;

    public FailedBindTests()
    {
        TinyDecoderFolder.Write(new TinyDecoder(new()), _folder.Path);
        _session = new InferenceSession(Path.Combine(_folder.Path, "model.onnx"));
        var decoder = DecoderInterfaceReader.Read(
            GenAiConfigReader.Read(_folder.Path), SessionValues.Read(_session.InputMetadata), SessionValues.Read(_session.OutputMetadata));
        _decoder = decoder with { Kv = [decoder.Kv[0] with { Past = "nobody's" }, decoder.Kv[1]] };
    }

    [Fact]
    public unsafe void Input_OfAnotherName_FailsTheLaunch()
    {
        using var binding = new MemoryBinding(_session, ["nobody's"], []);
        var numbers = stackalloc float[2];
        var exception = Assert.Throws<LaunchException>(() => Bind(binding, (nint)numbers));
        Assert.Contains("nobody's", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_MemoryThatCannotBeBound_FailsTheRows(bool sharesMemory)
    {
        var sizes = OnnxSessionSizes.Choose(new SessionOptions { MaxSequences = 2, MaxSequenceLength = 16 }, _decoder, TinyDecoder.ContextLength, 0);
        using var session = new OnnxDecodeSession(new SessionHandle(_session), _decoder, sizes, new GraphAbilities(sharesMemory, true, true));
        var batch = new DecodeBatch(8, 2);
        batch.Add(0, 0, [1, 2, 3], LogitRows.Last);
        batch.Add(1, 0, [4], LogitRows.Last);
        Assert.Equal(DecodeStatus.RowsFailed, session.Decode(batch));
        Assert.Equal([0, 1], session.FailedRows.ToArray().Order());
        Assert.Equal((0, 0), (session.GetLength(0), session.GetLength(1)));
    }

    [Fact]
    public void Trial_MemoryThatCannotBeBound_RefusesTheGraph() =>
        Assert.Throws<GraphRefusedException>(() => GraphTrial.Run(_session, _decoder, isOnCpu: true));

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private static unsafe void Bind(MemoryBinding binding, nint numbers) =>
        binding.Input(0, ElementType.Float32, [1, 2], (void*)numbers, 2 * sizeof(float));
}
