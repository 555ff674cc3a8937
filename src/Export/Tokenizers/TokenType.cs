namespace ModelRunner.Export.Tokenizers;

/// <summary>What a token is, numbered as llama.cpp's <c>LLAMA_TOKEN_TYPE_*</c>.</summary>
internal enum TokenType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
