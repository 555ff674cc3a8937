using System.Globalization;
using System.Threading.Channels;

namespace ModelRunner.Server.Models;

/// <summary>The last lines of the log in memory, for who asks over HTTP. Thread-safe.</summary>
internal sealed class LogBuffer(TimeProvider time) : ILoggerProvider
{
    private const int MaxLines = 2_000;
    private const int MaxLineLength = 4_096;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly List<Channel<string>> _followers = [];

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<string> GetLines()
    {
        lock (_lock) return [.. _lines];
    }

    /// <summary>The lines so far, and those that come until the end. One who reads slowly loses some.</summary>
    public async IAsyncEnumerable<string> FollowAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxLines * 2) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            foreach (var line in _lines) channel.Writer.TryWrite(line);
            _followers.Add(channel);
        }

        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken)) yield return line;
        }
        finally
        {
            lock (_lock) _followers.Remove(channel);
        }
    }

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
            foreach (var follower in _followers)
                follower.Writer.TryComplete();
    }

    private void Add(LogLevel level, string category, string message)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():O} {level} {category}: {message}").ReplaceLineEndings(" ");
        if (line.Length > MaxLineLength) line = line[..MaxLineLength];
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines) _lines.Dequeue();
            foreach (var follower in _followers) follower.Writer.TryWrite(line);
        }
    }

    private sealed class LineLogger(LogBuffer buffer, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) buffer.Add(logLevel, category, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");
        }
    }
}
