using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Server.Errors;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Models;

/// <summary>
/// The stream of a transfer: JSON lines, whatever the client accepts. An error before the first line is an HTTP error, one
/// after it a line. A layer has a line each tenth of a second at most, and one at its end.
/// </summary>
internal sealed class ProgressLines(HttpContext context, string mode, TimeProvider time) : IProgress<TransferProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // A client that does not read loses lines in between, and holds up nobody.
    private readonly Channel<TransferProgress> _updates = Channel.CreateBounded<TransferProgress>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly ConcurrentQueue<ProgressMessage> _warnings = new();
    private readonly Dictionary<string, long> _lastLines = [];
    private readonly Lock _lock = new();

    public void Report(TransferProgress value)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var isDue = !_lastLines.TryGetValue(value.Layer, out var last) || time.GetElapsedTime(last, now) >= Pause;
            if (!isDue && value.Current < value.LayerSize) return;
            _lastLines[value.Layer] = now;
        }

        _updates.Writer.TryWrite(value);
    }

    /// <summary>Adds a line that is sent before the last one, whatever the client loses in between.</summary>
    public void Warn(string message, string layer) =>
        _warnings.Enqueue(new ProgressMessage("warning", message, 0, new ProgressLayer(layer, 0, 0), mode));

    /// <summary>Runs a transfer and sends its lines.</summary>
    /// <param name="transfer">Gives the message of its success; ends when the client has gone.</param>
    public async Task RunAsync(Func<Task<string>> transfer)
    {
        var running = RunToEndAsync(transfer);
        try
        {
            await SendAllAsync(running);
        }
        finally
        {
            // It may read the request, which must outlive it.
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAllAsync(Task<string> running)
    {
        await foreach (var update in _updates.Reader.ReadAllAsync(context.RequestAborted)) await SendAsync(ToLine(update));
        foreach (var warning in _warnings) await SendAsync(warning);
        try
        {
            await SendAsync(new ProgressMessage("success", await running, 0, new ProgressLayer(null, 0, 0), mode));
        }
        catch (Exception exception) when (context.Response.HasStarted && exception is not OperationCanceledException)
        {
            var error = ApiErrors.From(exception);
            if (exception is not ModelRunnerException) Log.TransferFailed(context.RequestServices.GetRequiredService<ILogger<ProgressLines>>(), exception);
            await SendAsync(new ProgressMessage("error", error.Body.Error.Message, 0, new ProgressLayer(null, 0, 0), mode) { Code = error.Body.Error.Code });
        }
    }

    private async Task<string> RunToEndAsync(Func<Task<string>> transfer)
    {
        try
        {
            return await transfer();
        }
        finally
        {
            _updates.Writer.Complete();
        }
    }

    private async Task SendAsync(ProgressMessage message)
    {
        var response = context.Response;
        if (!response.HasStarted) response.ContentType = "application/json";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(message, DmrJson.Default.ProgressMessage), context.RequestAborted);
        await response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
    }

    private ProgressMessage ToLine(TransferProgress update) => new(
        "progress",
        string.Create(CultureInfo.InvariantCulture, $"{Verb(update)}: {update.Current / (double)(1 << 20):0.00} MB"),
        update.Total,
        new ProgressLayer(update.Layer, update.LayerSize, update.Current),
        mode);

    private string Verb(TransferProgress update) => update.IsVerifying ? "Verified" : mode == "push" ? "Uploaded" : "Downloaded";
}
