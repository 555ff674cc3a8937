using System.Diagnostics;

namespace ModelRunner.Bench.Http;

/// <summary>The program that serves a folder with <c>@huggingface/transformers</c>, its packages as locked.</summary>
internal static class PeerFolder
{
    private static readonly string Folder = Path.Combine(Repository.Root, "bench", "transformers");

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="modelPath">A GenAI folder of the llama architecture.</param>
    /// <param name="batch">Requests that it waits for before it generates.</param>
    public static async Task<ServerProcess> StartAsync(string modelPath, int batch)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            // The package's native library is inside it: no script has to fetch one.
            using var install = Process.Start(new ProcessStartInfo("npm", "ci --ignore-scripts --no-audit --no-fund") { WorkingDirectory = Folder })!;
            await install.WaitForExitAsync();
            if (install.ExitCode != 0)
                throw new InvalidOperationException("npm ci failed.");
        }

        return await ServerProcess.StartAsync(port =>
            new ProcessStartInfo("node", [Path.Combine(Folder, "serve.mjs"), modelPath, $"{port}", $"{batch}"]));
    }
}
