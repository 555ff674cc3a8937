using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Engines;

/// <summary>Finds models by name. Implementations are thread-safe and read no weights.</summary>
public interface IModelCatalog
{
    /// <summary>All models at this moment, each once, under the name it is listed by, in a stable order.</summary>
    IReadOnlyList<ModelBundle> List();

    /// <summary>
    /// The model under any accepted spelling of its name, or null. Never throws for an odd name: a name that
    /// cannot exist is not found.
    /// </summary>
    /// <exception cref="ModelRunnerException">The model is there and its files are damaged; the message names what mends it.</exception>
    ModelBundle? Find(ModelReference reference);
}
