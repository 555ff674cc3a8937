using System.Numerics.Tensors;
using System.Threading.Channels;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;

namespace ModelRunner.Generation.Engine;

/// <summary>
/// Embeds inputs in batches, whoever sent them, on one thread that takes its turn at the compute gate. The session
/// and the thread are made by the first request: a chat model that never embeds pays nothing.
/// </summary>
internal sealed class EmbeddingQueue(ITokenModel model, ComputeGate gate) : IAsyncDisposable
{
    private const int MaxQueuedInputs = 8192;

    private readonly Channel<Input> _inputs = Channel.CreateBounded<Input>(
        new BoundedChannelOptions(MaxQueuedInputs) { SingleReader = true });

    private readonly Lock _lock = new();
    private Task? _loop;
    private int _maxInputLength = int.MaxValue;

    private sealed record Input(int[] Tokens, TaskCompletionSource<float[]> Result, CancellationToken Cancellation);

    public async Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        Start();
        var inputs = request.Inputs.Select(input => Encode(input, cancellationToken)).ToArray();
        foreach (var input in inputs)
        {
            if (!_inputs.Writer.TryWrite(input))
                throw new ServerBusyException($"{MaxQueuedInputs} inputs are waiting.", TimeSpan.FromSeconds(1));
        }

        var vectors = await Task.WhenAll(inputs.Select(input => input.Result.Task)).WaitAsync(cancellationToken);
        return new EmbeddingResult(
            [.. vectors.Select(vector => Normalize(vector, request.Dimensions))],
            inputs.Sum(input => input.Tokens.Length));
    }

    public async ValueTask DisposeAsync()
    {
        _inputs.Writer.TryComplete();
        if (_loop is not null)
            await _loop;
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_loop is not null)
                return;

            var session = model.CreateEmbeddingSession(new EmbeddingOptions());
            _maxInputLength = session.MaxInputLength;
            _loop = Task.Factory.StartNew(
                () => Run(session),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }

    private Input Encode(PromptInput input, CancellationToken cancellationToken)
    {
        int[] tokens = input.Tokens is { } given
            ? [.. given]
            : model.Tokenizer.Encode([TextSegment.Input(input.Text ?? "")], addSpecial: true);
        if (tokens.Length == 0)
            throw new InvalidRequestException("An input is empty.", "input");

        if (tokens.Length > _maxInputLength)
            throw new InvalidRequestException($"An input has {tokens.Length} tokens; {_maxInputLength} fit.", "input");

        foreach (var token in tokens)
            if ((uint)token >= (uint)model.Tokenizer.VocabularySize)
                throw new InvalidRequestException($"The token {token} is not in the vocabulary.", "input");

        return new Input(tokens, new(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
    }

    private void Run(IEmbeddingSession session)
    {
        using var owned = session;
        using var turn = gate.CreateUser($"embeddings {model.Info.Name}");
        var batch = new EmbeddingBatch();
        var members = new List<Input>();
        var pooling = model.Info.Pooling == PoolingKind.None ? PoolingKind.Mean : model.Info.Pooling;
        var width = session.GetOutputLength(pooling);
        Input? next = null;
        while (next is not null || Wait())
        {
            batch.Clear();
            members.Clear();
            while ((next is not null || _inputs.Reader.TryRead(out next)) && Fits(session, batch, next))
            {
                if (next.Cancellation.IsCancellationRequested)
                    next.Result.TrySetCanceled(next.Cancellation);
                else
                {
                    batch.Add(next.Tokens);
                    members.Add(next);
                }

                next = null;
            }

            if (members.Count > 0)
                Embed(session, turn, batch, members, pooling, width);
        }
    }

    /// <summary>The thread is its own: blocking it costs nobody anything.</summary>
    private bool Wait() => _inputs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private static bool Fits(IEmbeddingSession session, EmbeddingBatch batch, Input input) =>
        batch.Count < session.MaxSequences && batch.TokenCount + input.Tokens.Length <= session.MaxBatchTokens;

    private static void Embed(
        IEmbeddingSession session,
        GateUser turn,
        EmbeddingBatch batch,
        List<Input> members,
        PoolingKind pooling,
        int width)
    {
        var output = new float[members.Count * width];
        turn.Enter();
        try
        {
            session.Embed(batch, pooling, output);
        }
        catch (ModelRunnerException exception)
        {
            foreach (var member in members)
                member.Result.TrySetException(exception);
            return;
        }
        finally
        {
            turn.Exit();
        }

        for (var i = 0; i < members.Count; i++)
            members[i].Result.TrySetResult(output[(i * width)..((i + 1) * width)]);
    }

    private static float[] Normalize(float[] vector, int? dimensions)
    {
        if (dimensions is { } count && count < vector.Length)
            vector = vector[..count];

        var norm = TensorPrimitives.Norm<float>(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, vector);

        return vector;
    }
}
