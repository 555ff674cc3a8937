using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>
/// Gives a checked graph to ONNX Runtime: edited where that is possible, on the accelerators that it asks for. One that
/// makes no session, or a session that does not compute, cannot start.
/// </summary>
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

    /// <summary>Opens the graph.</summary>
    /// <typeparam name="T">What a session becomes that passes the trial.</typeparam>
    /// <param name="load">Settings of the load.</param>
    /// <param name="tryOut">
    /// Tries a session, which it owns when it returns; when it throws, the session is disposed here. The flag says whether
    /// it computes on the CPU alone.
    /// </param>
    /// <param name="cancellationToken">Ends the load.</param>
    /// <exception cref="ModelLoadException">An accelerator that is required cannot start.</exception>
    /// <exception cref="GraphRefusedException">The graph does not run on the CPU.</exception>
    public T Open<T>(ModelLoadOptions load, Func<InferenceSession, bool, T> tryOut, CancellationToken cancellationToken)
    {
        foreach (var providers in ChooseAttempts(load))
        {
            try
            {
                return OpenPruned(load, providers, tryOut, cancellationToken);
            }
            catch (GraphRefusedException exception)
            {
                Miss(string.Join(", ", providers.Select(provider => provider.Name)), exception.Message, exception);
            }
        }

        return OpenPruned(load, [], tryOut, cancellationToken);
    }

    /// <summary>The accelerators that start, all of them together and then, where they are several, each alone.</summary>
    private ProviderConfig[][] ChooseAttempts(ModelLoadOptions load)
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

        ProviderConfig[] started = [.. choice.Usable.Where(CanStart)];
        return started.Length switch
        {
            0 => [],
            1 => [started],
            _ => [started, .. started.Select(provider => new[] { provider })],
        };
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

    private T OpenPruned<T>(
        ModelLoadOptions load, IReadOnlyList<ProviderConfig> providers, Func<InferenceSession, bool, T> tryOut, CancellationToken cancellationToken)
    {
        if (logits is not null && LogitsPruning.TryApply(graph, logits) is { } edited)
        {
            try
            {
                return OpenGraph(edited, load, providers, tryOut, cancellationToken);
            }
            catch (GraphRefusedException)
            {
                // Whether the edit or the graph is at fault, the graph itself will tell.
            }
        }

        return OpenGraph(graph, load, providers, tryOut, cancellationToken);
    }

    private T OpenGraph<T>(
        byte[] bytes, ModelLoadOptions load, IReadOnlyList<ProviderConfig> providers, Func<InferenceSession, bool, T> tryOut,
        CancellationToken cancellationToken)
    {
        // An accelerator has memory of its own. And ONNX Runtime 1.31 saves the packed weights of MatMulNBits without their
        // scales, where it multiplies in 8 bits: what it then computes is nothing.
        var session = options.PackedWeightsFolder is { } packed && providers.Count == 0 && !facts.Operators.Contains("MatMulNBits")
            ? OpenPacked(new PackedWeights(packed), bytes, load, cancellationToken)
            : null;
        session ??= Start(folder, load, providers, settings => new InferenceSession(bytes, settings), cancellationToken);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return tryOut(session, providers.Count == 0);
        }
        catch
        {
            session.Dispose();
            throw;
        }
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
        catch (Exception exception) when (exception is GraphRefusedException or IOException or UnauthorizedAccessException)
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
            throw new GraphRefusedException($"ONNX Runtime refuses {fileName}: {exception.Message}", exception);
        }
    }
}
