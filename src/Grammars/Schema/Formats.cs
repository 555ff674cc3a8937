namespace ModelRunner.Grammars.Schema;

/// <summary>Patterns of the formats that JSON Schema defines. Any other format is an annotation.</summary>
internal static class Formats
{
    private const string Year = @"\d{4}";
    private const string Date = "(" + Year + "-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))"
        + "|(\\d{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)";
    private const string Time = @"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)";
    private const string Label = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private const string Hostname = Label + @"(\." + Label + ")*";
    private const string Octet = @"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string Ipv4 = Octet + @"(\." + Octet + "){3}";
    private const string Group = "[0-9a-fA-F]{1,4}";
    private const string Ipv6 = "((" + Group + ":){7}" + Group + "|(" + Group + ":){1,7}:|(" + Group + ":){1,6}:" + Group
        + "|(" + Group + ":){1,5}(:" + Group + "){1,2}|(" + Group + ":){1,4}(:" + Group + "){1,3}|(" + Group + ":){1,3}(:" + Group + "){1,4}"
        + "|(" + Group + ":){1,2}(:" + Group + "){1,5}|" + Group + ":(:" + Group + "){1,6}|:(:" + Group + "){1,7}|::"
        + "|::([fF]{4}:)?" + Ipv4 + "|(" + Group + ":){6}" + Ipv4 + "|(" + Group + ":){1,4}:" + Ipv4 + ")";
    private const string Percent = "%[0-9a-fA-F]{2}";
    private const string PathChar = "([a-zA-Z0-9._~!$&'()*+,;=:@-]|" + Percent + ")";
    private const string IriChar = "([a-zA-Z0-9._~!$&'()*+,;=:@\\u00A0-\\uD7FF\\uF900-\\uFFEF-]|" + Percent + ")";
    private const string Scheme = "[a-zA-Z][a-zA-Z0-9+.-]*:";
    private const string QueryFragment = @"(\?([/?]|" + PathChar + ")*)?(#([/?]|" + PathChar + ")*)?";
    private const string IriQueryFragment = @"(\?([/?]|" + IriChar + ")*)?(#([/?]|" + IriChar + ")*)?";
    private const string Authority = "(([a-zA-Z0-9._~!$&'()*+,;=:-]|" + Percent + @")*@)?(\[[0-9a-fA-F:.]+\]|([a-zA-Z0-9._~!$&'()*+,;=-]|" + Percent + @")*)(:\d*)?";
    private const string IriAuthority = "(" + IriChar + @"|\[|\])*";
    private const string LocalPart = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["date-time"] = Date + "[Tt]" + Time,
        ["date"] = Date,
        ["time"] = Time,
        ["duration"] = @"P(\d+W|((\d+Y(\d+M(\d+D)?)?|\d+M(\d+D)?|\d+D)(T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))?)|T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))",
        ["email"] = LocalPart + @"(\." + LocalPart + ")*@" + Hostname,
        ["idn-email"] = @"[^@\s""]+@[^@\s""]+",
        ["hostname"] = Hostname,
        ["idn-hostname"] = @"[^\s./:@""]+(\.[^\s./:@""]+)*",
        ["ipv4"] = Ipv4,
        ["ipv6"] = Ipv6,
        ["uuid"] = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        ["uri"] = Scheme + "(//" + Authority + "(/" + PathChar + "*)*|/(" + PathChar + "+(/" + PathChar + "*)*)?|" + PathChar + "+(/" + PathChar + "*)*|)" + QueryFragment,
        ["uri-reference"] = "(" + Scheme + ")?(//" + Authority + ")?(/|" + PathChar + ")*" + QueryFragment,
        ["iri"] = Scheme + "(//" + IriAuthority + ")?(/|" + IriChar + ")*" + IriQueryFragment,
        ["iri-reference"] = "(" + Scheme + ")?(//" + IriAuthority + ")?(/|" + IriChar + ")*" + IriQueryFragment,
        ["uri-template"] = @"([^{}\s""<>\\^`|]|\{[^{}\s]+\})*",
        ["json-pointer"] = "(/([^~/]|~[01])*)*",
        ["relative-json-pointer"] = @"(0|[1-9]\d*)([+-]\d+)?(#|(/([^~/]|~[01])*)*)",
    };

    /// <summary>The pattern of a format, matched as a whole; null for a format that is not known.</summary>
    public static string? Find(string format) => Patterns.GetValueOrDefault(format);
}
