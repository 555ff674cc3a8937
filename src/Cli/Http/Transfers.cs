using System.CommandLine;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Http;

/// <summary>Runs a transfer of the server and shows how far it is.</summary>
internal static class Transfers
{
    /// <returns>The message of its success.</returns>
    public static async Task<string> RunAsync(
        RunnerClient client, ParseResult result, string path, HttpContent? content, bool isJson, CancellationToken cancellationToken, ProgressBar? bar = null)
    {
        bar ??= result.Progress();
        try
        {
            await foreach (var text in client.StreamAsync(HttpMethod.Post, path, content, cancellationToken))
            {
                if (isJson) await result.Out().WriteLineAsync(text);
                var line = RunnerClient.Parse(text, DmrJson.Default.ProgressMessage);
                if (line.Type == "error")
                    throw new CommandFailedException(line.Code == "model_not_found" ? ExitCodes.NotFound : ExitCodes.Failure, line.Message);
                if (line.Type == "success") return line.Message;
                if (line.Type != "warning")
                {
                    bar.Show(line);
                }
                else if (!isJson)
                {
                    bar.End();
                    await result.Error().WriteLineAsync($"warning: {line.Message}");
                }
            }
        }
        finally
        {
            bar.End();
        }

        throw new CommandFailedException(ExitCodes.Failure, "The server ended the transfer without a word. Run the same command again: it goes on where it was.");
    }
}
