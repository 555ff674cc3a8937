using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>Gives a checked graph to ONNX Runtime: edited where that is possible, on the accelerator that it asks for.</summary>
internal sealed class SessionOpener(ModelFolder folder, string model, OnnxOptions options, ILogger logger)
{
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the graph, or an accelerator that is required cannot start.</exception>
    public InferenceSession Open(ModelLoadOptions load, CancellationToken cancellationToken)
    {
        var choice = ProviderChoice.Make(folder.Config.Providers, OnnxLibrary.Providers);
        foreach (var provider in choice.Missing)
            Miss(provider, "it is not in this build");

        if (choice.Usable.Count > 0 && load.GpuLayerCount != 0)
        {
            try
            {
                return Open(load, choice, cancellationToken);
            }
            catch (ModelLoadException exception) when (!options.RequiresProviders)
            {
                Log.ProviderMissing(logger, model, choice.Usable[0].Name, exception.Message);
            }
        }

        return Open(load, new ProviderChoice([], []), cancellationToken);
    }

    private void Miss(string provider, string reason)
    {
        if (options.RequiresProviders)
            throw new ModelLoadException($"genai_config.json asks for '{provider}': {reason}");
        Log.ProviderMissing(logger, model, provider, reason);
    }

    private InferenceSession Open(ModelLoadOptions load, ProviderChoice providers, CancellationToken cancellationToken)
    {
        if (LogitsPruning.TryApply(folder.GraphBytes, folder.Config.Names.Logits) is { } edited)
        {
            try
            {
                return Open(edited, load, providers, cancellationToken);
            }
            catch (ModelLoadException)
            {
                // Whether the edit or the graph is at fault, the graph itself will tell.
            }
        }

        return Open(folder.GraphBytes, load, providers, cancellationToken);
    }

    private InferenceSession Open(byte[] graph, ModelLoadOptions load, ProviderChoice providers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var settings = SessionSettings.Create(folder.Config, folder.GraphFolder, load.ThreadCount);
        using var cancellation = cancellationToken.Register(() => settings.SetLoadCancellationFlag(true));
        try
        {
            foreach (var provider in providers.Usable)
                settings.AppendExecutionProvider(provider.Name, new Dictionary<string, string>(provider.Options));
            return new InferenceSession(graph, settings);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelLoadException($"ONNX Runtime refuses {folder.Config.FileName}: {exception.Message}", exception);
        }
    }
}
