namespace ModelRunner.Grammars.Schema;

/// <summary>The types of JSON values, true and false apart.</summary>
internal enum JsonType
{
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}
