using System.Text;
using System.Text.RegularExpressions;
using ModelRunner.Testing;
using ModelRunner.Tokenizers.Patterns;

namespace ModelRunner.Tokenizers.Tests.Patterns;

public sealed class PatternTests
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    // The patterns that models use, by the family that brought them.
    public static TheoryData<string, string> Published => new()
    {
        { "gpt2", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+" },
        { "llama3", Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+" },
        { "qwen2", Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+" },
        {
            "o200k",
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + Contractions
                + @"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + Contractions
                + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        },
        {
            "deepseek-v3",
            @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        },
        { "deepseek-v3 characters", @"[一-龥぀-ゟ゠-ヿ]+" },
        { "deepseek-llm", @"\s?[!-/:-~！-／：-～‘-‟　-。]+" },
        { "clip", @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+" },
        { "thousands", @"\d{1,3}(?=(?:\d{3})*\b)" },
        { "superbpe", @"(?=(\d{3})+(?!\d))" },
        { "words", @"\b\w+\b|\B.\B|(?<=a)b|(?<!a)c" },
        { "lazy", @"a+?b??c*?|(?:ab|a)(?:bc|c)?|x{2,}?" },
        { "anchors", @"\Aa|b\z|^c|1" },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void FindAll_RandomText_IsWhatABacktrackingMatcherFinds(string name, string pattern)
    {
        // .NET sees UTF-16, so the characters are those that one unit holds.
        var expected = new Regex(pattern, RegexOptions.CultureInvariant | (pattern.Contains("^c", StringComparison.Ordinal) ? RegexOptions.Multiline : RegexOptions.None));
        var automaton = new Pattern(pattern);
        var random = new Random(name.Length);
        var matches = new List<(int, int)>();
        for (var i = 0; i < Campaign.Count(1_000, 100_000); i++)
        {

            // The long s has a capital in ASCII, and neither a joiner nor a spacing mark is a word's for .NET as here.
            var text = RandomText.Units(random, random.Next(40)).Replace('\u017F', 's').Replace('\u200D', '.').Replace('\u093F', 'x');
            matches.Clear();
            automaton.FindAll(text, matches);

            // An empty match right behind another is one for .NET, and none for Oniguruma.
            var found = new List<(int, int)>();
            foreach (Match match in expected.Matches(text))
                if (match.Length > 0 || found.Count == 0 || found[^1].Item2 != match.Index)
                    found.Add((match.Index, match.Index + match.Length));
            Assert.True(found.SequenceEqual(matches), $"{name}: '{Regex.Escape(text)}': {string.Join(",", found)} got {string.Join(",", matches)}");
        }
    }

    [Theory]
    [InlineData(@"[\p{L}&&[^\p{Han}]]+", "ab漢c", "ab|c")]
    [InlineData(@"\p{Han}+", "ab漢字c", "漢字")]
    [InlineData(@"[^(\s|[.,!?…。，、।۔،])]+", "a(b|c.d e", "a|b|c|d|e")]
    [InlineData(@"\s+$", "a  \n b ", "  | ")]
    [InlineData(@"\p{N}{1,3}+", "12345", "12345")]
    [InlineData(@"[a-c]++b?", "abcb", "abcb")]
    [InlineData(@"a?+a", "aab", "aa")]
    [InlineData(@"(?i)SS|k", "ſs K", "ſs|K")]
    [InlineData(@"[[:digit:]\-x]+", "a1-x٣", "1-x٣")]
    [InlineData(@"\x41|\x{1F600}|B", "A😀B", "A|😀|B")]
    [InlineData(@"(?<name>a)(?:b)(c)", "abc", "abc")]
    public void FindAll_OfOnigurumasSyntax_IsUnderstood(string pattern, string text, string expected)
    {
        var matches = new List<(int Start, int End)>();
        new Pattern(pattern).FindAll(text, matches);

        Assert.Equal(expected, string.Join('|', matches.Select(match => text[match.Start..match.End])));
    }

    [Fact]
    public void FindAll_LettersBeyondTheBasicPlane_AreLetters()
    {
        var matches = new List<(int, int)>();
        new Pattern(@"\p{L}+|.").FindAll("a𝐛𝐜d😀", matches);

        Assert.Equal([(0, 6), (6, 8)], matches);
    }

    [Theory]
    [InlineData("a*b|a", 'a')]
    [InlineData("(a+)+b|a", 'a')]
    [InlineData("(?:a|aa)+(?=b)|a", 'a')]
    [InlineData(@"\s*[\r\n]+|\s+(?!\S)|\s+", ' ')]
    [InlineData(@"\s*x|\s", ' ')]
    public async Task FindAll_PatternThatRunsFarAhead_TakesLinearTime(string pattern, char character)
    {
        // Quadratic would be minutes.
        var matches = new List<(int, int)>();
        var automaton = new Pattern(pattern);
        await Task.Run(() => automaton.FindAll(new string(character, 300_000), matches), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.NotEmpty(matches);
    }

    [Theory]
    [InlineData("(a", "does not end")]
    [InlineData("a)", "unmatched")]
    [InlineData("[a", "does not end")]
    [InlineData("*a", "nothing before")]
    [InlineData(@"(a)\1", "not supported")]
    [InlineData(@"\p{Nonsense}", "not known")]
    [InlineData("(?>a)", "not supported")]
    [InlineData("(ab)++", "possessive")]
    [InlineData("a{2000}", "out of bounds")]
    [InlineData("((a{100}){100}){100}", "too large")]
    [InlineData("(a|b)*a(a|b){30}", "too many states")]
    [InlineData("[z-a]", "does not rise")]
    [InlineData("a\\", "at its end")]
    public void Pattern_ThatCannotBe_IsRefused(string pattern, string expected)
    {
        var exception = Assert.Throws<PatternException>(() => new Pattern(pattern));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pattern_DeeplyNested_IsRefused()
    {
        var nested = new StringBuilder().Insert(0, "(", 20_000).Append('a').Append(')', 20_000).ToString();
        Assert.Throws<PatternException>(() => new Pattern(nested));
        Assert.Throws<PatternException>(() => new Pattern(new string('[', 20_000)));
    }
}
