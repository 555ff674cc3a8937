using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary>What several commands take.</summary>
internal static class CommonOptions
{
    private static readonly TimeSpan CompletionTime = TimeSpan.FromSeconds(1);

    public static Option<bool> Json() => new("--json") { Description = "Answer in JSON." };

    /// <summary>A model's name, completed by those of the server.</summary>
    public static Argument<string> Model(string description = "The model, in any spelling of its name.")
    {
        var argument = new Argument<string>("MODEL") { Description = description };
        argument.CompletionSources.Add(_ => GetNames());
        return argument;
    }

    /// <summary>Names of models, completed by those of the server.</summary>
    public static Argument<string[]> Models(ArgumentArity arity)
    {
        var argument = new Argument<string[]>("MODEL") { Description = "The models.", Arity = arity };
        argument.CompletionSources.Add(_ => GetNames());
        return argument;
    }

    private static List<string> GetNames()
    {
        try
        {
            using var client = RunnerClient.Open();
            using var stop = new CancellationTokenSource(CompletionTime);
            return client.GetAsync("models", DmrJson.Default.StoredModelInfoArray, stop.Token).GetAwaiter().GetResult()
                .SelectMany(model => model.Tags ?? []).ToList();
        }
        catch (Exception exception) when (exception is CommandFailedException or OperationCanceledException)
        {
            return [];
        }
    }
}
