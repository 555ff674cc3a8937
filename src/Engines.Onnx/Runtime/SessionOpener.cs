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
/// <param name="facts">What the graph holds.</param>
/// <param name="config">What a GenAI folder says; null for an encoder.</param>
/// <param name="logits">The output that is to be computed for wanted tokens alone; null for none.</param>
/// <param name="model">The model's name.</param>
/// <param name="options">The engine's settings.</param>
/// <param name="accelerators">What this build has.</param>
/// <param name="logger">Learns of accelerators that cannot be used.</param>
internal sealed class SessionOpener(
    byte[] graph, string fileName, string folder, OnnxGraph facts, GenAiConfig? config, string? logits, string model,
    OnnxOptions options, IExecutionProviders accelerators, ILogger logger)
{
    private const int MostNamedSettings = 8;

    /// <exception cref="ModelLoadException">ONNX Runtime refuses the graph, or an accelerator that is required cannot start.</exception>
    public InferenceSession Open(ModelLoadOptions load, CancellationToken cancellationToken)
    {
        var asked = load.GpuLayerCount == 0 ? [] : config?.Providers ?? [];
        foreach (var provider in asked.Where(provider => provider.Ignored.Count > 0))
        {
            var names = string.Join(", ", provider.Ignored.Take(MostNamedSettings));
            Log.SettingsIgnored(logger, model, provider.Name, names);
        }

        var choice = ProviderChoice.Make(asked, accelerators.Available);
        foreach (var provider in choice.Missing)
            Miss(provider, "it is not in this build", exception: null);

        // One that cannot start does not keep the session from the others.
        ProviderConfig[] started = [.. choice.Usable.Where(CanStart)];
        if (started.Length > 0)
        {
            try
            {
                return OpenPruned(load, started, cancellationToken);
            }
            catch (ModelLoadException exception)
            {
                Miss(string.Join(", ", started.Select(provider => provider.Name)), exception.Message, exception);
            }
        }

        return OpenPruned(load, [], cancellationToken);
    }

    private bool CanStart(ProviderConfig provider)
    {
        using var trial = new OrtSessionOptions();
        try
        {
            accelerators.Append(trial, provider);
            return true;
        }
        catch (OnnxRuntimeException exception)
        {
            Miss(provider.Name, exception.Message, exception);
            return false;
        }
    }

    private void Miss(string provider, string reason, Exception? exception)
    {
        if (options.RequiresProviders)
            throw new ModelLoadException($"genai_config.json asks for '{provider}', which cannot start: {reason}", exception);
        Log.ProviderMissing(logger, model, provider, reason);
    }

    private InferenceSession OpenPruned(ModelLoadOptions load, IReadOnlyList<ProviderConfig> providers, CancellationToken cancellationToken)
    {
        if (logits is not null && LogitsPruning.TryApply(graph, logits) is { } edited)
        {
            try
            {
                return OpenGraph(edited, load, providers, cancellationToken);
            }
            catch (ModelLoadException)
            {
                // Whether the edit or the graph is at fault, the graph itself will tell.
            }
        }

        return OpenGraph(graph, load, providers, cancellationToken);
    }

    private InferenceSession OpenGraph(byte[] bytes, ModelLoadOptions load, IReadOnlyList<ProviderConfig> providers, CancellationToken cancellationToken)
    {
        // An accelerator has memory of its own. And ONNX Runtime 1.31 saves the packed weights of MatMulNBits without their
        // scales, where it multiplies in 8 bits: what it then computes is nothing.
        if (options.PackedWeightsFolder is { } packed && providers.Count == 0 && !facts.Operators.Contains("MatMulNBits")
            && OpenPacked(new PackedWeights(packed), bytes, load, cancellationToken) is { } session)
            return session;

        return Start(folder, load, providers, settings => new InferenceSession(bytes, settings), cancellationToken);
    }

    private InferenceSession? OpenPacked(PackedWeights packed, byte[] bytes, ModelLoadOptions load, CancellationToken cancellationToken)
    {
        try
        {
            var path = packed.GetOrCreate(
                bytes, folder, facts.DataFiles, SessionSettings.Describe(config),
                write => Start(
                    folder, load, [],
                    settings =>
                    {
                        write(settings);
                        return new InferenceSession(bytes, settings);
                    },
                    cancellationToken));
            return Start(dataFolder: null, load, [], settings => new InferenceSession(path, settings), cancellationToken);
        }
        catch (Exception exception) when (exception is ModelLoadException or IOException or UnauthorizedAccessException)
        {
            // If the graph is at fault, it will tell without this as well.
            Log.NotPacked(logger, model, exception.Message);
            return null;
        }
    }

    private InferenceSession Start(
        string? dataFolder, ModelLoadOptions load, IReadOnlyList<ProviderConfig> providers, Func<OrtSessionOptions, InferenceSession> open,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var settings = SessionSettings.Create(config, dataFolder, load.ThreadCount);
        using var cancellation = cancellationToken.Register(() => settings.SetLoadCancellationFlag(true));
        try
        {
            foreach (var provider in providers)
                accelerators.Append(settings, provider);
            return open(settings);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ModelLoadException($"ONNX Runtime refuses {fileName}: {exception.Message}", exception);
        }
    }
}
