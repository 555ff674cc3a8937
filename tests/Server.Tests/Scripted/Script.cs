using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Tests.Scripted;

/// <summary>What a scripted model answers, and what it saw. Set before the call.</summary>
internal sealed class Script
{
    /// <summary>The pieces of each choice's answer.</summary>
    public IReadOnlyList<byte[]> Pieces { get; set; } = ["Hel"u8.ToArray(), "lo \"w\"\n"u8.ToArray()];

    /// <summary>How often the pieces are repeated.</summary>
    public int Repeat { get; set; } = 1;

    /// <summary>Thrown before the first update.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Thrown after the pieces.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether each update is asynchronous, as from a loop thread.</summary>
    public bool Yields { get; set; }

    /// <summary>Whether the answer stops, after its pieces, until the client goes away.</summary>
    public bool Hangs { get; set; }

    /// <summary>What a hanging answer ends with when its model is disposed; null to hang on.</summary>
    public Exception? EndsWhenDisposed { get; set; }

    /// <summary>Set when a model is disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set when an enumeration saw its cancellation.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Thrown by loads.</summary>
    public Exception? LoadFailure { get; set; }

    /// <summary>What the first update waits for.</summary>
    public Task Prefill { get; set; } = Task.CompletedTask;

    /// <summary>Log probability of each choice's tokens.</summary>
    public Func<int, float> LogProbability { get; set; } = static _ => -0.5f;

    /// <summary>Whether loaded models make progress.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>What loaded models have to do.</summary>
    public ModelActivity Activity { get; set; }

    public List<EmbeddingRequest> Embeddings { get; } = [];

    public ChatRequest? LastChat { get; set; }

    public List<CompletionRequest> Completions { get; } = [];
}
