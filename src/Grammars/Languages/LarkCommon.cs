using System.Collections.Frozen;

namespace ModelRunner.Grammars.Languages;

/// <summary>The library <c>common</c> of Lark: its terminals, as patterns.</summary>
internal static class LarkCommon
{
    public static readonly FrozenDictionary<string, string> Terminals = new Dictionary<string, string>
    {
        ["DIGIT"] = "[0-9]",
        ["HEXDIGIT"] = "[a-fA-F0-9]",
        ["INT"] = "[0-9]+",
        ["SIGNED_INT"] = "[+-]?[0-9]+",
        ["DECIMAL"] = @"[0-9]+\.[0-9]*|\.[0-9]+",
        ["FLOAT"] = @"[0-9]+[eE][+-]?[0-9]+|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
        ["SIGNED_FLOAT"] = @"[+-]?([0-9]+[eE][+-]?[0-9]+|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)",
        ["NUMBER"] = @"[0-9]+([eE][+-]?[0-9]+)?|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
        ["SIGNED_NUMBER"] = @"[+-]?([0-9]+([eE][+-]?[0-9]+)?|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)",
        ["ESCAPED_STRING"] = @"""([^""\\\n]|\\[^\n])*""",
        ["LCASE_LETTER"] = "[a-z]",
        ["UCASE_LETTER"] = "[A-Z]",
        ["LETTER"] = "[a-zA-Z]",
        ["WORD"] = "[a-zA-Z]+",
        ["CNAME"] = "[a-zA-Z_][a-zA-Z_0-9]*",
        ["WS_INLINE"] = @"[ \t]+",
        ["WS"] = @"[ \t\f\r\n]+",
        ["CR"] = @"\r",
        ["LF"] = @"\n",
        ["NEWLINE"] = @"(\r?\n)+",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
