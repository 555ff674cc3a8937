using System.Diagnostics;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Server.Probe;

namespace ModelRunner.Server.Probing;

/// <summary>
/// Tries files in a child process, one at a time, and keeps the verdict on disk until the files or the versions
/// change.
/// </summary>
internal sealed class ProcessModelProbe(ProbeOptions options, ILogger<ProcessModelProbe> logger) : IModelProbe, IDisposable
{
    // A signal ends a process with 128 and its number (POSIX shells, and .NET with them).
    private const int SignalBase = 128;

    // The kernel's answer to too little memory is SIGKILL: it says nothing about the files.
    private const int SignalKill = 9;

    // An engine may print much before it dies; a message for a client needs little.
    private const int MaxMessageLength = 2_000;

    // What a child needs to start and to find its libraries. No keys, no tokens.
    private static readonly string[] PassedOn =
    [
        "PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG", "DOTNET_ROOT", "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH", "MODEL_RUNNER_LLAMA_PATH",
    ];

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <inheritdoc/>
    public void Check(string engine, ModelBundle bundle, CancellationToken cancellationToken)
    {
        var stamp = FileStamp.Compute(bundle, $"{engine}\n{options.GetVersion(engine)}");
        var path = Path.Combine(options.CacheFolder, "probe", stamp);
        _oneAtATime.Wait(cancellationToken);
        try
        {
            // Looked up inside: whoever waited may find what the other has written.
            var verdict = ProbeVerdict.Read(path) ?? Try(engine, bundle, path, cancellationToken);
            if (verdict.Error is { } error) throw new ModelLoadException(error);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private ProbeVerdict Try(string engine, ModelBundle bundle, string cachePath, CancellationToken cancellationToken)
    {
        Log.Probing(logger, bundle.Name, engine);
        var (exitCode, message) = RunChild(engine, bundle.GgufPath ?? bundle.OnnxFolder!, cancellationToken);
        ProbeVerdict? verdict = exitCode switch
        {
            (int)ProbeExitCode.Ok => ProbeVerdict.Fine,
            (int)ProbeExitCode.Refused => new ProbeVerdict(message.Length > 0 ? message : "The engine refuses the files."),
            SignalBase + SignalKill => null,
            > SignalBase => new ProbeVerdict(
                $"The files of '{bundle.Name}' crashed the engine in a trial run (signal {exitCode - SignalBase}): "
                + "they are damaged, or made for another release."),
            _ => null,
        };
        if (verdict is null)
            throw new ModelLoadException($"The trial run of '{bundle.Name}' did not end as it should (code {exitCode}): {message}");
        Keep(verdict, cachePath);
        return verdict;
    }

    private (int ExitCode, string Message) RunChild(string engine, string path, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(options.Command[0])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in options.Command.Skip(1).Append(engine).Append(path)) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var name in PassedOn)
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;

        using var child = Process.Start(start) ?? throw new ModelLoadException("The trial run could not be started.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.TimeLimit);
        using var kill = limit.Token.Register(() => Kill(child));
        child.StandardInput.Close();
        var output = BoundedReader.ReadAsync(child.StandardOutput, maxLength: 0);
        var error = BoundedReader.ReadAsync(child.StandardError, MaxMessageLength);
        child.WaitForExit();

        // A grandchild may hold the pipes open; its output is nobody's.
        var message = error.Wait(TimeSpan.FromSeconds(5), CancellationToken.None) ? error.Result.Trim() : "";
        _ = output;
        cancellationToken.ThrowIfCancellationRequested();
        return limit.IsCancellationRequested
            ? throw new ModelLoadException($"The trial run took longer than {options.TimeLimit}.")
            : (child.ExitCode, message);
    }

    private static void Kill(Process child)
    {
        try
        {
            child.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private void Keep(ProbeVerdict verdict, string path)
    {
        try
        {
            verdict.Write(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without a cache the next load tries again: slower, not wrong.
            Log.VerdictNotKept(logger, exception, path);
        }
    }
}
