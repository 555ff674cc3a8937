namespace ModelRunner.Tokenizers.Unicode;

/// <summary>Finds sets by the names that patterns use in <c>\p{...}</c> and <c>[:...:]</c>.</summary>
internal static class UnicodeProperties
{
    // Long names of general categories, lower case, without separators.
    private static readonly Dictionary<string, string> LongNames = new()
    {
        ["letter"] = "L", ["casedletter"] = "LC", ["uppercaseletter"] = "Lu", ["lowercaseletter"] = "Ll",
        ["titlecaseletter"] = "Lt", ["modifierletter"] = "Lm", ["otherletter"] = "Lo", ["mark"] = "M",
        ["nonspacingmark"] = "Mn", ["spacingmark"] = "Mc", ["enclosingmark"] = "Me", ["number"] = "N",
        ["decimalnumber"] = "Nd", ["letternumber"] = "Nl", ["othernumber"] = "No", ["punctuation"] = "P",
        ["connectorpunctuation"] = "Pc", ["dashpunctuation"] = "Pd", ["openpunctuation"] = "Ps",
        ["closepunctuation"] = "Pe", ["initialpunctuation"] = "Pi", ["finalpunctuation"] = "Pf",
        ["otherpunctuation"] = "Po", ["symbol"] = "S", ["mathsymbol"] = "Sm", ["currencysymbol"] = "Sc",
        ["modifiersymbol"] = "Sk", ["othersymbol"] = "So", ["separator"] = "Z", ["spaceseparator"] = "Zs",
        ["lineseparator"] = "Zl", ["paragraphseparator"] = "Zp", ["other"] = "C", ["control"] = "Cc", ["format"] = "Cf",
        ["surrogate"] = "Cs", ["privateuse"] = "Co", ["unassigned"] = "Cn",
    };

    /// <summary>The set of a property; null for an unknown one.</summary>
    public static CodePointSet? Find(string name)
    {
        var separator = name.IndexOf('=', StringComparison.Ordinal);
        if (separator >= 0)
        {
            var value = name[(separator + 1)..];
            return Fold(name[..separator]) switch
            {
                "gc" or "generalcategory" => FindCategory(value),
                "sc" or "script" => FindScript(value),
                _ => null,
            };
        }

        return Fold(name) switch
        {
            "any" => CodePointSet.All,
            "ascii" => CodePointSet.Of(0, 0x7F),
            "alpha" or "alphabetic" => CodePointSets.RustWord.Except(CodePointSets.Category("Nd")!)
                .Except(CodePointSets.Category("Pc")!).Except(CodePointSet.Of(0x200C, 0x200D)),
            "alnum" => Find("alpha")!.Union(CodePointSets.Digit),
            "digit" => CodePointSets.Digit,
            "xdigit" => CodePointSet.Of([('0', ':'), ('A', 'G'), ('a', 'g')]),
            "space" or "whitespace" => CodePointSets.WhiteSpace,
            "blank" => CodePointSets.Category("Zs")!.Union(CodePointSet.Of('\t')),
            "word" => CodePointSets.Word,
            "upper" or "uppercase" => CodePointSets.Category("Lu"),
            "lower" or "lowercase" => CodePointSets.Category("Ll"),
            "cntrl" => CodePointSets.Category("Cc"),
            "punct" => CodePointSets.Punctuation,
            _ => FindCategory(name) ?? FindScript(name),
        };
    }

    private static CodePointSet? FindCategory(string name) =>
        CodePointSets.Category(LongNames.GetValueOrDefault(Fold(name)) ?? name);

    private static CodePointSet? FindScript(string name)
    {
        var script = UnicodeScripts.Instance.Find(name.Replace(' ', '_'));
        return script < 0 ? null : CodePointSet.Of(UnicodeScripts.Instance.GetRanges(script));
    }

    private static string Fold(string name) =>
        string.Concat(name.Where(letter => letter is not (' ' or '_' or '-'))).ToLowerInvariant();
}
