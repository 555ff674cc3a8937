using System.Collections.Frozen;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Runtime;

/// <summary>The engines by name. Immutable.</summary>
public sealed class EngineRegistry
{
    private readonly FrozenDictionary<string, IInferenceEngine> _byName;

    /// <param name="engines">In the order that decides.</param>
    public EngineRegistry(IEnumerable<IInferenceEngine> engines)
        : this(engines, preferred: [])
    {
    }

    /// <param name="engines">In the order that decides where nobody prefers another.</param>
    /// <param name="preferred">Names of engines that go first, the best one first.</param>
    /// <exception cref="ModelNotFoundException">There is no engine of such a name.</exception>
    public EngineRegistry(IEnumerable<IInferenceEngine> engines, IReadOnlyList<string> preferred)
    {
        var known = engines.ToList();
        foreach (var name in preferred)
            if (known.TrueForAll(engine => engine.Name != name))
                throw new ModelNotFoundException($"There is no engine '{name}'. The engines are: {string.Join(", ", known.Select(engine => engine.Name))}.");

        All = [.. known.OrderBy(engine => preferred.Contains(engine.Name) ? preferred.ToList().IndexOf(engine.Name) : int.MaxValue)];
        _byName = All.ToFrozenDictionary(engine => engine.Name, StringComparer.Ordinal);
    }

    /// <summary>All engines, in the order that decides where several can serve a model.</summary>
    public IReadOnlyList<IInferenceEngine> All { get; }

    /// <summary>The engine of that name.</summary>
    /// <exception cref="ModelNotFoundException">There is none.</exception>
    public IInferenceEngine Get(string name) =>
        _byName.GetValueOrDefault(name)
        ?? throw new ModelNotFoundException(
            $"There is no engine '{name}'. The engines are: {string.Join(", ", All.Select(engine => engine.Name))}.");

    /// <summary>The engine that serves the bundle: the named one, else the first that can and is available.</summary>
    /// <exception cref="ModelNotFoundException">No engine has that name.</exception>
    /// <exception cref="InvalidRequestException">The named engine, or every one, does not serve this kind of model.</exception>
    /// <exception cref="EngineUnavailableException">The engine cannot run on this machine.</exception>
    public IInferenceEngine Choose(string? name, ModelBundle bundle)
    {
        var able = All.Where(engine => engine.CanServe(bundle)).ToList();
        IInferenceEngine? engine;
        if (name is null)
        {
            engine = able.Find(candidate => candidate.Status.IsAvailable) ?? able.FirstOrDefault();
            if (engine is null) throw new InvalidRequestException(DescribeUnserved(bundle), "model");
        }
        else
        {
            engine = Get(name);
            if (!able.Contains(engine))
                throw new InvalidRequestException(
                    able.Count == 0
                        ? DescribeUnserved(bundle)
                        : $"The engine '{name}' cannot serve the model '{bundle.Name}'; '{able[0].Name}' can.",
                    "model");
        }

        return engine.Status is { IsAvailable: false, Reason: var reason }
            ? throw new EngineUnavailableException($"The engine '{engine.Name}' is not available: {reason}")
            : engine;
    }

    private static string DescribeUnserved(ModelBundle bundle) => bundle.OtherFormat is { } format
        ? $"The model '{bundle.Name}' has {format} weights, which no engine of this server runs. Take a GGUF or an ONNX build of it."
        : $"No engine can serve the model '{bundle.Name}'.";
}
