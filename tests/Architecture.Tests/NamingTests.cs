using System.Text.RegularExpressions;

namespace ModelRunner.Architecture.Tests;

public sealed partial class NamingTests
{
    [Fact]
    public void Types_OfTheProduct_SayWhatTheyAre()
    {
        var vague = Sources.Product
            .SelectMany(path => Sources.GetTypes(path).Select(type => (type, Path.GetFileName(path))))
            .Where(found => Vague().IsMatch(found.type));

        Assert.Empty(vague);
    }

    [Fact]
    public void Files_OfTheProduct_HoldOnePublicTypeOfTheirName()
    {
        var wrong = Sources.Product
            .Select(path => (path, types: PublicType().Matches(File.ReadAllText(path)).Select(match => match.Groups["name"].Value).ToList()))
            .Where(file => file.types.Count > 1
                || (file.types.Count == 1 && file.types[0] != Path.GetFileNameWithoutExtension(file.path).Split('.')[0]))
            .Select(file => $"{Path.GetRelativePath(Sources.Root, file.path)}: {string.Join(", ", file.types)}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void Architecture_TypesInBackticks_Exist()
    {
        var document = Path.Combine(Sources.Root, "ARCHITECTURE.md");
        Assert.SkipUnless(File.Exists(document), "there is no ARCHITECTURE.md yet");
        var types = Sources.All.SelectMany(Sources.GetTypes).ToHashSet(StringComparer.Ordinal);
        var mentioned = Mention().Matches(File.ReadAllText(document)).Select(match => match.Groups["name"].Value);

        Assert.Empty(mentioned.Where(name => !types.Contains(name)).Distinct());
    }

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Utility|Utilities|Info2)$")]
    private static partial Regex Vague();

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|readonly|ref|partial|unsafe)\s+)*(?:class|record struct|record|struct|interface|enum)\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    // A name in PascalCase of at least two words, with what may follow a type: `Scheduler.Submit`, `List<T>`.
    [GeneratedRegex(@"`(?<name>I?[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)(?:[.<(][^`]*)?`")]
    private static partial Regex Mention();
}
