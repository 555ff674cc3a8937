using System.Diagnostics.CodeAnalysis;
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
    /// <summary>Inputs that may wait, and inputs of one request.</summary>
    public const int MaxQueuedInputs = 8192;

    // Compute-bound already: more tokens in a batch are no faster, and an engine's memory grows with them.
    private const int PreferredBatchTokens = 512;

    private readonly Channel<Input> _inputs = Channel.CreateUnbounded<Input>(new() { SingleReader = true });
    private readonly GateUser _turn = gate.CreateUser($"embeddings {model.Info.Name}");
    private readonly PoolingKind _pooling = model.Info.Pooling == PoolingKind.None ? PoolingKind.Mean : model.Info.Pooling;
    private readonly Lock _lock = new();
    private IEmbeddingSession? _session;
    private Task? _loop;
    private volatile bool _isClosed;
    private int _queuedInputs;

    private sealed record Input(int[] Tokens, TaskCompletionSource<float[]> Result, CancellationToken Cancellation);

    /// <summary>False when the thread has ended though the queue is open: it embeds nothing any more. Any thread.</summary>
    public bool IsHealthy => _isClosed || Volatile.Read(ref _loop) is not { IsCompleted: true };

    /// <summary>Whether it is unhealthy, or the engine says that the batch in flight makes no progress. Any thread.</summary>
    public bool IsStalled => !IsHealthy || Volatile.Read(ref _session) is { IsStalled: true };

    /// <summary>Vectors in the order of the inputs, each of length 1.</summary>
    /// <exception cref="InvalidRequestException">An input is empty or too long, or the dimensions do not exist.</exception>
    /// <exception cref="ModelRunner.Abstractions.Errors.InsufficientMemoryException">The session cannot be made.</exception>
    /// <exception cref="ServerBusyException">The queue is full; nothing of the request is queued.</exception>
    /// <exception cref="GenerationException">The engine failed, or the model is unloaded.</exception>
    public async Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        Check(request);
        var inputs = request.Inputs.Select(input => Encode(input, cancellationToken)).ToArray();
        Enqueue(inputs);
        var vectors = await Task.WhenAll(inputs.Select(input => input.Result.Task)).WaitAsync(cancellationToken);
        return new EmbeddingResult(
            [.. vectors.Select(vector => Normalize(vector, request.Dimensions))],
            inputs.Sum(input => input.Tokens.Length));
    }

    /// <summary>Waits for the batch in flight; every other input fails.</summary>
    public async ValueTask DisposeAsync()
    {
        // In this order: what was written before is there when the loop ends, and finds it.
        _inputs.Writer.TryComplete();
        lock (_lock)
            _isClosed = true;

        _turn.Dispose();
        if (_loop is not null)
            await _loop;
    }

    [MemberNotNull(nameof(_session))]
    private void Start()
    {
        lock (_lock)
        {
            if (_isClosed)
                throw Unloaded();

            if (_session is not null)
                return;

            try
            {
                _session = model.CreateEmbeddingSession(new EmbeddingOptions());
            }
            catch (ModelLoadException exception)
            {
                // It is loaded: what it cannot do is for the client to know.
                throw new InvalidRequestException(exception.Message, "model");
            }

            _loop = Task.Factory.StartNew(
                () => Run(_session),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }

    private void Check(EmbeddingRequest request)
    {
        if (_pooling == PoolingKind.Rank)
            throw new InvalidRequestException($"'{model.Info.Name}' ranks texts, and gives no embeddings.", "model");

        if (request.Inputs.Count > MaxQueuedInputs)
            throw new InvalidRequestException($"A request has at most {MaxQueuedInputs} inputs, not {request.Inputs.Count}.", "input");

        if (request.Dimensions is { } count && (count < 1 || count > model.Info.EmbeddingLength))
            throw new InvalidRequestException($"The model has 1 to {model.Info.EmbeddingLength} dimensions, not {count}.", "dimensions");
    }

    private Input Encode(PromptInput input, CancellationToken cancellationToken)
    {
        int[] tokens = input.Tokens is { } given
            ? [.. given]
            : model.Tokenizer.Encode([TextSegment.Input(input.Text ?? "")], addSpecial: true);
        if (tokens.Length == 0)
            throw new InvalidRequestException("An input is empty.", "input");

        if (tokens.Length > _session!.MaxInputLength)
            throw new InvalidRequestException($"An input has {tokens.Length} tokens; {_session.MaxInputLength} fit.", "input");

        foreach (var token in tokens)
            if ((uint)token >= (uint)model.Tokenizer.VocabularySize)
                throw new InvalidRequestException(
                    $"The token {token} is not in the vocabulary of {model.Tokenizer.VocabularySize} tokens. Token ids must be this "
                    + "model's own; LangChain's OpenAIEmbeddings sends texts with check_embedding_ctx_length=False.",
                    "input");

        return new Input(tokens, new(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
    }

    private void Enqueue(Input[] inputs)
    {
        // All or none: inputs of a refused request would be computed for nobody.
        if (Interlocked.Add(ref _queuedInputs, inputs.Length) > MaxQueuedInputs)
        {
            Interlocked.Add(ref _queuedInputs, -inputs.Length);
            throw new ServerBusyException($"{MaxQueuedInputs} inputs are waiting.", TimeSpan.FromSeconds(1));
        }

        foreach (var input in inputs)
            if (!_inputs.Writer.TryWrite(input))
                throw Unloaded();
    }

    private void Run(IEmbeddingSession session)
    {
        var batch = new EmbeddingBatch();
        var members = new List<Input>();
        try
        {
            while (!_isClosed && Wait())
            {
                Collect(session, batch, members);
                if (members.Count > 0)
                    Embed(session, batch, members);
            }
        }
#pragma warning disable CA1031 // Whatever ends the thread must end the requests too, with an error they can read.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(members, Failed(exception));
        }
        finally
        {
            // In this order: what was written before is found here, and what comes later is refused.
            _inputs.Writer.TryComplete();
            while (_inputs.Reader.TryRead(out var input))
                input.Result.TrySetException(Unloaded());

            session.Dispose();
        }
    }

    /// <summary>Blocks until an input is there; false when none will come. The thread is its own: that costs nobody anything.</summary>
    private bool Wait()
    {
        if (_inputs.Reader.TryPeek(out _))
            return true;

        _turn.Leave();
        return _inputs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Collect(IEmbeddingSession session, EmbeddingBatch batch, List<Input> members)
    {
        batch.Clear();
        members.Clear();
        var maxTokens = Math.Min(session.MaxBatchTokens, PreferredBatchTokens);
        while (batch.Count < session.MaxSequences && _inputs.Reader.TryPeek(out var next))
        {
            // The first one goes whatever its length: it is within the session's bounds.
            if (batch.Count > 0 && batch.TokenCount + next.Tokens.Length > maxTokens)
                return;

            _inputs.Reader.TryRead(out _);
            Interlocked.Decrement(ref _queuedInputs);
            if (next.Cancellation.IsCancellationRequested)
            {
                next.Result.TrySetCanceled(next.Cancellation);
                continue;
            }

            members.Add(next);
            batch.Add(next.Tokens);
        }
    }

    private void Embed(IEmbeddingSession session, EmbeddingBatch batch, List<Input> members)
    {
        var width = model.Info.EmbeddingLength;
        var output = new float[members.Count * width];
        if (!_turn.Enter())
        {
            Fail(members, Unloaded());
            return;
        }

        try
        {
            session.Embed(batch, _pooling, output);
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must learn of it; the next batch may do better.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(members, Failed(exception));
            return;
        }
        finally
        {
            _turn.Yield();
        }

        for (var i = 0; i < members.Count; i++)
            members[i].Result.TrySetResult(output[(i * width)..((i + 1) * width)]);
    }

    private static void Fail(List<Input> members, ModelRunnerException error)
    {
        foreach (var member in members)
            member.Result.TrySetException(error);
    }

    private static ModelRunnerException Failed(Exception exception) => exception as ModelRunnerException
        ?? new GenerationException(GenerationException.DecodeFailed, "The engine failed to embed the input.", exception);

    private static GenerationException Unloaded() =>
        new(GenerationException.ModelUnloaded, "The model was unloaded while it answered.");

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
