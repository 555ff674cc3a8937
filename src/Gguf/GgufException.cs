namespace ModelRunner.Gguf;

/// <summary>A GGUF file that is refused; the message names the key, tensor or field that is wrong.</summary>
public sealed class GgufException : Exception
{
    public GgufException(string message)
        : base(message)
    {
    }

    public GgufException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
