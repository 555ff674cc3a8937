using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Server.Probe;

/// <summary>
/// <c>ModelRunner.Server probe ENGINE PATH</c>: loads a model and decodes one token, in a process that may die of it.
/// </summary>
internal static class ProbeCommand
{
    // One thread and a short context on the CPU: enough to touch every tensor, and no device driver is entered.
    private static readonly ModelLoadOptions Options = new()
    {
        ContextLength = 64,
        MaxSequences = 1,
        ThreadCount = 1,
        GpuLayerCount = 0,
    };

    public static int Run(
        IReadOnlyList<string> arguments,
        IReadOnlyList<(string Name, Func<ILoggerFactory, ITokenModelLoader> Create)> loaders,
        ILoggerFactory logging,
        TextWriter error)
    {
        if (arguments is not [var engine, var path])
            return Fail(ProbeExitCode.NotTried, "Usage: probe ENGINE PATH", error);
        var create = loaders.FirstOrDefault(loader => loader.Name == engine).Create;
        if (create is null) return Fail(ProbeExitCode.NotTried, $"There is no engine '{engine}'.", error);
        try
        {
            DecodeOneToken(create(logging), Describe(path));
            return (int)ProbeExitCode.Ok;
        }
        catch (ModelLoadException exception)
        {
            return Fail(ProbeExitCode.Refused, exception.Message, error);
        }
        catch (ModelRunnerException exception)
        {
            return Fail(ProbeExitCode.NotTried, exception.Message, error);
        }
    }

    private static void DecodeOneToken(ITokenModelLoader loader, ModelBundle bundle)
    {
        using var model = loader.Load(bundle, Options, progress: null, CancellationToken.None);
        if (!model.Info.IsGenerative)
        {
            EmbedOneToken(model);
            return;
        }

        using var session = model.CreateSession(Abstractions.Tokens.SessionOptions.From(Options));
        var batch = new DecodeBatch(maxTokens: 1, maxSequences: 1);
        batch.Add(sequence: 0, position: 0, [Math.Max(model.Tokenizer.BeginOfSequence, 0)], LogitRows.Last);
        var status = session.Decode(batch);
        if (status != DecodeStatus.Ok) throw new ModelLoadException($"The model loads, but its first step fails ({status}).");
    }

    private static void EmbedOneToken(ITokenModel model)
    {
        var pooling = model.Info.Pooling == PoolingKind.None ? PoolingKind.Mean : model.Info.Pooling;
        using var session = model.CreateEmbeddingSession(new EmbeddingOptions { MaxSequences = 1, MaxBatchTokens = 64, ThreadCount = 1 });
        var batch = new EmbeddingBatch();
        batch.Add([Math.Max(model.Tokenizer.BeginOfSequence, 0)]);
        try
        {
            session.Embed(batch, pooling, new float[session.GetOutputLength(pooling)]);
        }
        catch (GenerationException exception)
        {
            throw new ModelLoadException($"The model loads, but embeds nothing: {exception.Message}", exception);
        }
    }

    private static ModelBundle Describe(string path)
    {
        var isFolder = Directory.Exists(path);
        return new()
        {
            Name = Path.GetFileName(path),
            Formats = isFolder ? ModelFormat.OnnxGenAi : ModelFormat.Gguf,
            GgufPath = isFolder ? null : path,
            OnnxFolder = isFolder ? path : null,
        };
    }

    private static int Fail(ProbeExitCode code, string message, TextWriter error)
    {
        error.WriteLine(message);
        return (int)code;
    }
}
