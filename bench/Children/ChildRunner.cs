using System.Diagnostics;
using System.Globalization;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Children;

/// <summary>One of this program's own child commands: a process that keeps its model and runs a workload for each line.</summary>
internal sealed class ChildRunner : IDecodeRunner
{
    private readonly Process _process;

    public ChildRunner(string command, params string[] options)
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [command, .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <inheritdoc/>
    public async Task<double> RunAsync(Workload workload)
    {
        await _process.StandardInput.WriteLineAsync($"{workload.Clients} {workload.Context} {workload.Tokens}");
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The child process ended.");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The child's side: answers each line of the input.</summary>
    public static async Task ServeAsync(IDecodeRunner runner)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var numbers = line.Split(' ').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            var rate = await runner.RunAsync(new Workload(numbers[0], numbers[1], numbers[2]));
            Console.WriteLine(rate.ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
