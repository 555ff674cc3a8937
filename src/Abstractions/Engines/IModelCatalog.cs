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
    ModelBundle? Find(ModelReference reference);
}
