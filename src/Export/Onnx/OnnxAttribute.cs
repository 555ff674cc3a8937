namespace ModelRunner.Export.Onnx;

/// <summary>A node's attribute: an integer or a float.</summary>
internal readonly record struct OnnxAttribute(string Name, long Integer, float? Single)
{
    // onnx.proto: AttributeProto.AttributeType.
    private const int SingleType = 1;
    private const int IntegerType = 2;

    public static OnnxAttribute From(string name, long value) => new(name, value, null);

    public static OnnxAttribute From(string name, float value) => new(name, 0, value);

    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
        if (Single is { } single)
            writer.Single(2, single);
        else
            writer.Integer(3, Integer);
        writer.Integer(20, Single is null ? IntegerType : SingleType);
    }
}
