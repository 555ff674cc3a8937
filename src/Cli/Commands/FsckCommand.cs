using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>fsck</c>: hashes everything that is stored.</summary>
internal static class FsckCommand
{
    public static Command Create()
    {
        var repair = new Option<bool>("--repair") { Description = "Take away what is wrong: the next pull of its model brings that alone." };
        var json = CommonOptions.Json();
        var command = new Command("fsck", "Check all stored files against their digests. Ends with 1 where faults are left.\n\nExample: modelrunner fsck --repair") { repair, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var message = await Transfers.RunAsync(
                client, result, result.GetValue(repair) ? "models/fsck?repair=true" : "models/fsck", null, result.GetValue(json), cancellation);
            if (!result.GetValue(json)) await result.Out().WriteLineAsync(message);
            return ExitCodes.Success;
        });
        return command;
    }
}
