using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Constraints;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Engine;

/// <summary>A loaded local model with its loop: prompts in, updates out.</summary>
internal sealed class LocalModel : IEngineModel, IChatModel, ICompletionModel, IEmbeddingModel, ITokenizeModel
{
    private readonly ITokenModel _model;
    private readonly ITokenizer _tokenizer;
    private readonly PromptBuilder _prompts;
    private readonly MarkerTokens _markers;
    private readonly Scheduler _scheduler;
    private readonly SchedulerLoop _loop;
    private readonly GateUser _gate;
    private readonly EmbeddingQueue _embeddings;
    private readonly IConstraintCompiler _constraints;

    public LocalModel(
        ITokenModel model,
        ModelBundle bundle,
        ModelLoadOptions loadOptions,
        SchedulerOptions options,
        ComputeGate gate,
        TimeProvider time,
        ILogger logger,
        IConstraintCompiler? constraints = null)
    {
        _model = model;
        _tokenizer = model.Tokenizer;
        _constraints = constraints ?? new GrammarConstraintCompiler(_tokenizer);
        _prompts = new PromptBuilder(_tokenizer, model.Info, bundle, time, logger);
        _markers = new MarkerTokens(_tokenizer);
        _gate = gate.CreateUser(bundle.Name);
        var sessionOptions = SessionOptions.From(loadOptions);
        _scheduler = new Scheduler(() => model.CreateSession(sessionOptions), _tokenizer, options, _gate, time);
        Info = model.Info with { ContextLength = _scheduler.MaxSequenceLength };
        _embeddings = new EmbeddingQueue(model, gate);
        _loop = new SchedulerLoop(_scheduler, bundle.Name, time, logger);
        Log.Loaded(logger, bundle.Name, _scheduler.Limits.MaxSequences, _scheduler.MaxSequenceLength);
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <summary>For the invariants, which are looked at when it has nothing to do.</summary>
    internal Scheduler Scheduler => _scheduler;

    /// <inheritdoc/>
    public bool IsHealthy => _loop.IsHealthy && _embeddings.IsHealthy;

    /// <inheritdoc/>
    public bool IsStalled => _loop.IsStalled || _embeddings.IsStalled;

    /// <inheritdoc/>
    public ModelActivity Activity => new(_scheduler.QueuedRequestCount, _scheduler.ActiveSequenceCount);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatUpdate> ChatAsync(
        ChatRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prompt = _prompts.Build(request);
        var mapper = new ChatMapper(_tokenizer, request, prompt);
        var feed = Submit(new GenerationRequest
        {
            Prompt = prompt.Tokens,
            ChoiceCount = request.ChoiceCount,
            Sampling = request.Sampling,
            Output = request.Output,
            Constraint = ChatConstraint.Find(request, prompt, _markers.IsEnd),
            VisibleTokens = mapper.VisibleTokens(_markers),
            Seed = SeedOf(request.Sampling),
        });
        await foreach (var update in mapper.MapAsync(feed, cancellationToken))
            yield return update;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CompletionUpdate> CompleteAsync(CompletionRequest request, CancellationToken cancellationToken)
    {
        var prompt = _prompts.Build(request.Prompt);
        var feed = Submit(new GenerationRequest
        {
            Prompt = prompt,
            ChoiceCount = request.ChoiceCount,
            Sampling = request.Sampling,
            // A request for no tokens still computes the prompt; what it generates is dropped below.
            Output = request.Output.MaxTokens == 0 ? request.Output with { MaxTokens = 1 } : request.Output,
            Constraint = request.Constraint,
            Seed = SeedOf(request.Sampling),
            WantsPromptLogProbabilities = request.Echo && request.Output.WantsLogProbabilities,
        });
        return new CompletionMapper(_tokenizer, request, prompt).MapAsync(feed, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken) =>
        _embeddings.EmbedAsync(request, cancellationToken);

    /// <inheritdoc/>
    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial) =>
        _tokenizer.Encode([new TextSegment(text, parseSpecial)], addSpecial);

    /// <inheritdoc/>
    public string Detokenize(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
            bytes.AddRange(_tokenizer.GetBytes(token).Span);

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <inheritdoc/>
    public RenderedPrompt Render(ChatRequest request) => _prompts.Show(request);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // First of all, so that a loop that waits for its turn waits no longer.
        _gate.Dispose();
        await _loop.DisposeAsync();
        await _embeddings.DisposeAsync();
        _model.Dispose();
    }

    private GenerationFeed Submit(GenerationRequest request)
    {
        if (request.Constraint is null)
            return _scheduler.Submit(request);

        var constraints = new ITokenConstraint?[request.ChoiceCount];
        for (var i = 0; i < constraints.Length; i++)
            constraints[i] = i == 0 ? _constraints.Compile(request.Constraint, request.VisibleTokens) : constraints[0]!.Clone();

        return _scheduler.Submit(request, constraints);
    }

    private static ulong SeedOf(SamplingOptions sampling)
    {
        if (sampling.Seed is { } seed)
            return (ulong)seed;

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
