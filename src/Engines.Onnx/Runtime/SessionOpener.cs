using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>Gives a checked graph to ONNX Runtime: edited where that is possible, on the accelerator that it asks for.</summary>
/// <param name="graph">The bytes that were checked.</param>
/// <param name="fileName">Where they are from, for errors.</param>
/// <param name="folder">Full path of the folder with the external data.</param>
/// <param name="config">What a GenAI folder says; null for an encoder.</param>
/// <param name="logits">The output that is to be computed for wanted tokens alone; null for none.</param>
/// <param name="model">The model's name.</param>
/// <param name="options">The engine's settings.</param>
/// <param name="logger">Learns of accelerators that cannot be used.</param>
internal sealed class SessionOpener(
    byte[] graph, string fileName, string folder, GenAiConfig? config, string? logits, string model, OnnxOptions options, ILogger logger)
{
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the graph, or an accelerator that is required cannot start.</exception>
    public InferenceSession Open(ModelLoadOptions load, CancellationToken cancellationToken)
    {
        var asked = load.GpuLayerCount == 0 ? [] : config?.Providers ?? [];
        var choice = ProviderChoice.Make(asked, OnnxLibrary.Providers);
        foreach (var provider in choice.Missing)
            Miss(provider, "it is not in this build", exception: null);

        if (choice.Usable.Count > 0)
        {
            try
            {
                return Open(load, choice, cancellationToken);
            }
            catch (ModelLoadException exception)
            {
                Miss(choice.Usable[0].Name, exception.Message, exception);
            }
        }

        return Open(load, new ProviderChoice([], []), cancellationToken);
    }

    private void Miss(string provider, string reason, Exception? exception)
    {
        if (options.RequiresProviders)
            throw new ModelLoadException($"genai_config.json asks for '{provider}', which cannot start: {reason}", exception);
        Log.ProviderMissing(logger, model, provider, reason);
    }

    private InferenceSession Open(ModelLoadOptions load, ProviderChoice providers, CancellationToken cancellationToken)
    {
        if (logits is not null && LogitsPruning.TryApply(graph, logits) is { } edited)
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

        return Open(graph, load, providers, cancellationToken);
    }

    private InferenceSession Open(byte[] bytes, ModelLoadOptions load, ProviderChoice providers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var settings = SessionSettings.Create(config, folder, load.ThreadCount);
        using var cancellation = cancellationToken.Register(() => settings.SetLoadCancellationFlag(true));
        try
        {
            foreach (var provider in providers.Usable)
                settings.AppendExecutionProvider(provider.Name, new Dictionary<string, string>(provider.Options));
            return new InferenceSession(bytes, settings);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelLoadException($"ONNX Runtime refuses {fileName}: {exception.Message}", exception);
        }
    }
}
