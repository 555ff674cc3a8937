namespace ModelRunner.Generation.Parsing;

/// <summary>
/// How a model writes calls of tools: a section with calls in it, each a JSON object, or a name followed by JSON or by
/// tagged parameters. An empty marker does not occur.
/// </summary>
internal sealed record CallFormat(string Name, string Open)
{
    /// <summary>Ends the section.</summary>
    public string Close { get; init; } = "";

    /// <summary>Begins each call inside the section.</summary>
    public string CallOpen { get; init; } = "";

    /// <summary>Ends each call.</summary>
    public string CallClose { get; init; } = "";

    /// <summary>What may follow the name; the first that is found ends it.</summary>
    public IReadOnlyList<string> NameEnds { get; init; } = [];

    /// <summary>Which of them the model writes; the first when not known.</summary>
    public string NameEnd { get; init; } = "";

    /// <summary>What may stand between the name and its end, and is no part of it.</summary>
    public string NameSuffix { get; init; } = "";

    /// <summary>Whether the section is a JSON array of calls.</summary>
    public bool IsList { get; init; }

    /// <summary>The key of the name in a JSON object.</summary>
    public string NameKey { get; init; } = "name";

    /// <summary>The key of the arguments in a JSON object.</summary>
    public string ArgumentsKey { get; init; } = "arguments";

    /// <summary>The key of the id in a JSON object; empty where there is none.</summary>
    public string IdKey { get; init; } = "";

    /// <summary>Stands between the name and the id.</summary>
    public string IdOpen { get; init; } = "";

    /// <summary>Stands before the name, and is no part of it.</summary>
    public string NamePrefix { get; init; } = "";

    /// <summary>Stands around JSON arguments.</summary>
    public (string Open, string Close) Fence { get; init; } = ("", "");

    /// <summary>Begins a tagged parameter, before its key.</summary>
    public string ParameterOpen { get; init; } = "";

    /// <summary>Whether JSON stands behind the name all the same.</summary>
    public bool HasJsonArguments { get; init; }

    /// <summary>Ends the key.</summary>
    public string KeyEnd { get; init; } = "";

    /// <summary>Begins the value.</summary>
    public string ValueOpen { get; init; } = "";

    /// <summary>Ends the value.</summary>
    public string ValueClose { get; init; } = "";

    /// <summary>Whether the opening of a parameter says whether its value is a text.</summary>
    public bool HasTypedParameters { get; init; }

    /// <summary>Stands around texts that are written without JSON's quotes.</summary>
    public string TextQuote { get; init; } = "";

    /// <summary>What the calls are written in.</summary>
    public CallSyntax Syntax { get; init; }

    /// <summary>Whether it counts only where the answer begins with it, and only for tools of the request.</summary>
    public bool IsBare { get; init; }

    /// <summary>Whether the model's own name of a call (<c>functions.name:0</c>) is its id.</summary>
    public bool HasIndexedNames { get; init; }

    /// <summary>Whether the id stands behind the arguments: such a call is told as a whole.</summary>
    public bool HasLateId { get; init; }

    /// <summary>Length of ids without a prefix, as Mistral's templates demand them; 0 for OpenAI's form.</summary>
    public int IdLength { get; init; }
}
