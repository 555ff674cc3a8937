namespace ModelRunner.PocketModel.Corpus;

/// <summary>A term that the model explains, with the sentences about it.</summary>
internal sealed class Term
{
    private Term(string name, string[] aliases)
    {
        Name = name;
        Aliases = aliases;
    }

    public string Name { get; }

    public string[] Aliases { get; }

    /// <summary>What it is, in different words.</summary>
    public List<string> Definitions { get; } = [];

    public List<string> Purposes { get; } = [];

    public List<string> Workings { get; } = [];

    public List<string> Examples { get; } = [];

    public string[] Benefits { get; private set; } = [];

    /// <summary>Words that each explanation holds.</summary>
    public string[] Facts { get; private set; } = [];

    /// <summary><c>a </c>, <c>an </c>, <c>the </c> or nothing: as its first definition begins.</summary>
    public string Article
    {
        get
        {
            foreach (var article in (ReadOnlySpan<string>)["A ", "An ", "The "])
                if (Definitions[0].StartsWith(article + Name, StringComparison.OrdinalIgnoreCase))
                    return article.ToLowerInvariant();

            return "";
        }
    }

    /// <summary>Reads all terms of a folder.</summary>
    /// <exception cref="InvalidDataException">A term lacks something.</exception>
    public static List<Term> ReadAll(string folder)
    {
        var terms = new List<Term>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal))
            foreach (var block in File.ReadAllText(path).Trim().Split("\n\n"))
                terms.Add(Parse(block));

        return terms;
    }

    private static Term Parse(string block)
    {
        var lines = block.Split('\n');
        var names = lines[0].Split('|', StringSplitOptions.TrimEntries);
        var term = new Term(names[0], names[1..]);
        foreach (var line in lines.Skip(1))
        {
            var rest = line[2..].Trim();
            switch (line[0])
            {
                case 'd': term.Definitions.Add(rest); break;
                case 'w': term.Purposes.Add(rest); break;
                case 'h': term.Workings.Add(rest); break;
                case 'e': term.Examples.Add(rest); break;
                case 'b': term.Benefits = rest.Split('|', StringSplitOptions.TrimEntries); break;
                case 'k': term.Facts = rest.Split(',', StringSplitOptions.TrimEntries); break;
                default: throw new InvalidDataException($"{term.Name}: a line begins with '{line[0]}'");
            }
        }

        foreach (var definition in term.Definitions)
            foreach (var fact in term.Facts)
                if (!definition.Contains(fact, StringComparison.OrdinalIgnoreCase))
                    throw new InvalidDataException($"{term.Name}: '{fact}' is not in: {definition}");

        return term.Definitions.Count > 0 && term.Purposes.Count > 0 && term.Workings.Count > 0 && term.Examples.Count > 0
            ? term
            : throw new InvalidDataException($"{term.Name}: a kind of sentence is missing");
    }
}
