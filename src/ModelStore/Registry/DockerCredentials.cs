using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Registry;

/// <summary>Finds credentials as Docker's command line does: its environment, its <c>config.json</c>, its credential programs.</summary>
internal static partial class DockerCredentials
{
    private const string HubKey = "https://index.docker.io/v1/";
    private static readonly TimeSpan ProgramTime = TimeSpan.FromSeconds(20);

    /// <summary>The credentials for a host, or null.</summary>
    public static async Task<Credentials?> FindAsync(string host, TransferOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var isHub = host == RegistryReference.DockerHub;
        if (isHub && options.DockerHub is { } hub) return new Credentials(hub.User, hub.Password);
        if (options.DockerConfigFolder is not { } folder || Read(Path.Combine(folder, "config.json")) is not { } config) return null;
        string[] keys = isHub ? [HubKey, "docker.io", "index.docker.io", host] : [host, $"https://{host}", $"https://{host}/", $"http://{host}"];

        // For all programs together: one that does not answer would not answer to another spelling of the host either.
        using var end = new CancellationTokenSource(ProgramTime, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end.Token);
        foreach (var key in keys)
        {
            var program = config.CredHelpers?.GetValueOrDefault(key) ?? config.CredsStore;
            if (program is { Length: > 0 } && await AskAsync(program, key, stop.Token) is { } stored) return stored;
            cancellationToken.ThrowIfCancellationRequested();
            if (config.Auths?.GetValueOrDefault(key) is { } entry && Decode(entry) is { } written) return written;
        }

        return null;
    }

    private static DockerConfig? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RegistryJson.Default.DockerConfig);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static Credentials? Decode(DockerAuth entry)
    {
        if (entry.IdentityToken is { Length: > 0 } token) return new Credentials("", "", RefreshToken: token);
        var buffer = new byte[(entry.Auth?.Length ?? 0) + 3];
        if (entry.Auth is not { Length: > 0 } auth || !Convert.TryFromBase64String(auth, buffer, out var count)) return null;
        return Encoding.UTF8.GetString(buffer, 0, count).Split(':', 2) is [{ Length: > 0 } user, var password]
            ? new Credentials(user, password.TrimEnd('\0'))
            : null;
    }

    // The protocol of docker-credential-helpers: the address on the input, JSON on the output.
    private static async Task<Credentials?> AskAsync(string program, string key, CancellationToken stop)
    {
        if (stop.IsCancellationRequested || !ProgramName().IsMatch(program)) return null;
        var start = new ProcessStartInfo($"docker-credential-{program}", "get")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
            if (process is null) return null;

            // Nobody wants its complaints, but a full pipe would hold it up.
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop);
            await process.StandardInput.WriteAsync(key.AsMemory(), stop);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            if (process.ExitCode != 0) return null;
            return JsonSerializer.Deserialize(output, RegistryJson.Default.DockerSecret) is not { Secret: { Length: > 0 } secret } found ? null
                : found.Username == "<token>" ? new Credentials("", "", RefreshToken: secret)
                : new Credentials(found.Username ?? "", secret);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException or JsonException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            // One that waits for a user who is not there would wait for ever.
            if (process is { HasExited: false }) process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex ProgramName();
}
