using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>A subschema, or a value that an instance must equal.</summary>
/// <param name="id">Number within the document.</param>
/// <param name="element">Its JSON.</param>
/// <param name="parent">What it stands in; null for the root and for what stands nowhere.</param>
/// <param name="step">The step there from the parent, escaped.</param>
/// <param name="resource">The schema with the nearest <c>$id</c> around it; null when it is one itself.</param>
/// <param name="isConstant">Whether it is a value and not a schema.</param>
internal sealed class SchemaNode(int id, JsonElement element, SchemaNode? parent, string step, SchemaNode? resource, bool isConstant)
{
    public int Id { get; } = id;

    public JsonElement Element { get; } = element;

    /// <summary>Where it stands: a JSON pointer. Made when asked for, which is when something is refused.</summary>
    public string Pointer => parent is null ? "" : parent.Pointer + "/" + step;

    public SchemaNode Resource => resource ?? this;

    public bool IsConstant { get; } = isConstant;

    public bool IsTrue => !IsConstant && Element.ValueKind == JsonValueKind.True;

    public bool IsFalse => !IsConstant && Element.ValueKind == JsonValueKind.False;

    public bool IsObject => !IsConstant && Element.ValueKind == JsonValueKind.Object;

    public bool TryGet(string keyword, out JsonElement value)
    {
        value = default;
        return IsObject && Element.TryGetProperty(keyword, out value);
    }

    public SchemaException Refuse(string keyword, string reason) => new(keyword, Pointer, reason);
}
