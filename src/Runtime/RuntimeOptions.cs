using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Runtime;

/// <summary>Settings of the runtime.</summary>
public sealed record RuntimeOptions
{
    // What is left is for everything else on the machine.
    private const double DefaultPart = 0.9;

    /// <value>Settings of models that have none of their own.</value>
    public ModelSettings Default { get; init; } = ModelSettings.Default;

    /// <value>Settings by the key of the name (<see cref="ModelName.GetKey"/>). Empty by default.</value>
    public IReadOnlyDictionary<string, ModelSettings> Models { get; init; } = new Dictionary<string, ModelSettings>();

    /// <value>
    /// Bytes that all loaded models together may take, by their estimates. The default is nine tenths of the memory that
    /// this process may use.
    /// </value>
    public long MemoryBudgetInBytes { get; init; } =
        (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * DefaultPart);

    /// <summary>The settings of a model.</summary>
    public ModelSettings GetSettings(ModelBundle bundle) =>
        Models.Count > 0 ? Models.GetValueOrDefault(ModelName.GetKey(bundle.Name), Default) : Default;
}
