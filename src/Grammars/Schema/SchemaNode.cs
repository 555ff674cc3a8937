using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>A subschema, or a value that an instance must equal.</summary>
/// <param name="id">Number within the document.</param>
/// <param name="element">Its JSON.</param>
/// <param name="pointer">Where it stands: a JSON pointer.</param>
/// <param name="resource">The schema with the nearest <c>$id</c> around it; null when it is one itself.</param>
/// <param name="isConstant">Whether it is a value and not a schema.</param>
internal sealed class SchemaNode(int id, JsonElement element, string pointer, SchemaNode? resource, bool isConstant)
{
    public int Id { get; } = id;

    public JsonElement Element { get; } = element;

    public string Pointer { get; } = pointer;

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
