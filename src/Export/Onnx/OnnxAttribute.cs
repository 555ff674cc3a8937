namespace ModelRunner.Export.Onnx;

/// <summary>A node's attribute: an integer, a float or a text.</summary>
internal readonly record struct OnnxAttribute(string Name, long Integer, float? Single, string? Text)
{
    // onnx.proto: AttributeProto.AttributeType.
    private const int SingleType = 1;
    private const int IntegerType = 2;
    private const int TextType = 3;

    public static OnnxAttribute From(string name, long value) => new(name, value, null, null);

    public static OnnxAttribute From(string name, float value) => new(name, 0, value, null);

    public static OnnxAttribute From(string name, string value) => new(name, 0, null, value);

    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
        if (Single is { } single)
            writer.Single(2, single);
        else if (Text is { } text)
            writer.Text(4, text);
        else
            writer.Integer(3, Integer);
        writer.Integer(20, Single is not null ? SingleType : Text is not null ? TextType : IntegerType);
    }
}
