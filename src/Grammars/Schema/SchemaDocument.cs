using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>A schema document: its subschemas by place, and where references lead.</summary>
internal sealed class SchemaDocument
{
    private readonly List<SchemaNode> _nodes = [];
    private readonly Dictionary<(int Parent, string Step, bool IsConstant), SchemaNode> _children = [];
    private readonly Dictionary<(int Node, string Reference), SchemaNode> _references = [];
    private Dictionary<string, SchemaNode>? _names;

    public SchemaDocument(JsonElement root)
    {
        Root = Add(root, null, "", null, false);
        var dialect = root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("$schema", out var uri) && uri.ValueKind == JsonValueKind.String ? uri.GetString()! : "";
        IsDraft4 = dialect.Contains("draft-04", StringComparison.Ordinal) || dialect.Contains("draft-03", StringComparison.Ordinal);
        ReferencesStandAlone = IsDraft4
            || dialect.Contains("draft-06", StringComparison.Ordinal) || dialect.Contains("draft-07", StringComparison.Ordinal);
    }

    public SchemaNode Root { get; }

    public bool IsDraft4 { get; }

    /// <summary>Up to draft 7 a <c>$ref</c> hides the keywords beside it.</summary>
    public bool ReferencesStandAlone { get; }

    public SchemaNode this[int id] => _nodes[id];

    /// <summary>The schema under a keyword, and under a name or index in it.</summary>
    public SchemaNode Child(SchemaNode parent, string keyword, string? key, JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            throw parent.Refuse(keyword, "must hold a schema: an object or a boolean");

        return Find(parent, keyword, key, element, false);
    }

    /// <summary>A value that <c>const</c>, <c>enum</c> or a member of either holds.</summary>
    public SchemaNode Constant(SchemaNode parent, string keyword, string? key, JsonElement element) =>
        Find(parent, keyword, key, element, true);

    public IEnumerable<SchemaNode> Children(SchemaNode parent, string keyword, JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
            throw parent.Refuse(keyword, "must be an array of schemas");

        var index = 0;
        foreach (var element in array.EnumerateArray())
            yield return Child(parent, keyword, Number(index++), element);
    }

    /// <summary>Where a reference of a schema leads.</summary>
    public SchemaNode Resolve(SchemaNode from, string keyword, JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String)
            throw from.Refuse(keyword, "must be a string");

        var text = reference.GetString()!;
        if (!_references.TryGetValue((from.Id, text), out var target))
        {
            target = Find(from, text)
                ?? throw from.Refuse(keyword, $"leads to '{text}', which is not in this document");
            _references.Add((from.Id, text), target);
        }

        return target;
    }

    /// <summary>A schema that stands nowhere in the document.</summary>
    public SchemaNode Synthesize(JsonElement element) => Add(element, null, "", null, false);

    public static string Number(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private SchemaNode? Find(SchemaNode from, string reference)
    {
        var hash = reference.IndexOf('#');
        var address = hash < 0 ? reference : reference[..hash];
        var fragment = hash < 0 ? "" : Uri.UnescapeDataString(reference[(hash + 1)..]);
        var resource = from.Resource;
        if (address.Length > 0)
        {
            _names ??= CollectNames();
            var absolute = Join(BaseOf(resource), address);
            if (!_names.TryGetValue(absolute, out var named) && !_names.TryGetValue(address, out named))
                return null;
            resource = named;
        }

        if (fragment.Length == 0)
            return resource;
        if (fragment[0] == '/')
            return Follow(resource, fragment) ?? (resource == Root ? null : Follow(Root, fragment));

        _names ??= CollectNames();
        return _names.GetValueOrDefault(BaseOf(resource) + "#" + fragment) ?? _names.GetValueOrDefault("#" + fragment);
    }

    private SchemaNode? Follow(SchemaNode from, string pointer)
    {
        var node = from;
        foreach (var step in pointer[1..].Split('/'))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            JsonElement next;
            if (node.Element.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < node.Element.GetArrayLength())
                next = node.Element[index];
            else if (node.Element.ValueKind != JsonValueKind.Object || !node.Element.TryGetProperty(name, out next))
                return null;

            node = Find(node, name, null, next, false);
        }

        return node.Element.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False ? node : null;
    }

    private SchemaNode Find(SchemaNode parent, string keyword, string? key, JsonElement element, bool isConstant)
    {
        var step = key is null ? Escape(keyword) : Escape(keyword) + "/" + Escape(key);
        if (!_children.TryGetValue((parent.Id, step, isConstant), out var child))
        {
            child = Add(element, parent, step, parent.Resource, isConstant);
            _children.Add((parent.Id, step, isConstant), child);
        }

        return child;
    }

    private SchemaNode Add(JsonElement element, SchemaNode? parent, string step, SchemaNode? resource, bool isConstant)
    {
        var isResource = !isConstant && IdOf(element) is { Length: > 0 } id && id[0] != '#';
        var node = new SchemaNode(_nodes.Count, element, parent, step, isResource ? null : resource, isConstant);
        _nodes.Add(node);
        return node;
    }

    private Dictionary<string, SchemaNode> CollectNames()
    {
        var names = new Dictionary<string, SchemaNode>();
        Collect(Root);
        return names;

        void Collect(SchemaNode node)
        {
            if (node.Element.ValueKind == JsonValueKind.Array)
            {
                var index = 0;
                foreach (var item in node.Element.EnumerateArray())
                    Collect(Find(node, Number(index++), null, item, false));
            }

            if (node.Element.ValueKind != JsonValueKind.Object)
                return;

            if (IdOf(node.Element) is { } id)
            {
                if (id.StartsWith('#'))
                    names.TryAdd(BaseOf(node.Resource) + id, node);
                names.TryAdd(node.Resource == node ? BaseOf(node) : id, node);
                names.TryAdd(id.TrimEnd('#'), node);
            }

            foreach (var keyword in (ReadOnlySpan<string>)["$anchor", "$dynamicAnchor"])
                if (node.Element.TryGetProperty(keyword, out var anchor) && anchor.ValueKind == JsonValueKind.String)
                    names.TryAdd(BaseOf(node.Resource) + "#" + anchor.GetString(), node);

            foreach (var member in node.Element.EnumerateObject())
                if (member.Name is not ("enum" or "const" or "default" or "examples"))
                    Collect(Find(node, member.Name, null, member.Value, false));
        }
    }

    private string BaseOf(SchemaNode resource)
    {
        var id = (IdOf(resource.Element) ?? "").TrimEnd('#');
        return resource == Root ? id : Join((IdOf(Root.Element) ?? "").TrimEnd('#'), id);
    }

    private static string Join(string address, string relative)
    {
        relative = relative.TrimEnd('#');
        return Uri.TryCreate(address, UriKind.Absolute, out var absolute) && Uri.TryCreate(absolute, relative, out var joined)
            ? joined.OriginalString == relative ? relative : joined.ToString()
            : relative;
    }

    private static string? IdOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;

        return (element.TryGetProperty("$id", out var id) || element.TryGetProperty("id", out id)) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;
    }

    private static string Escape(string step) =>
        step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
