using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Reads ValueInfoProto: the name, type and shape of an input or output.</summary>
internal static class GraphValueReader
{
    /// <exception cref="ModelLoadException">It is broken.</exception>
    public static GraphValue Read(ProtoReader reader)
    {
        var name = "";
        var type = ElementType.Undefined;
        var shape = new List<long>();
        while (reader.Read())
        {
            if (reader.Field == 1)
                name = reader.Text;
            else if (reader.Field == 2)
                type = ReadType(reader.Message, shape);
        }

        return new GraphValue(name, type, shape);
    }

    private static ElementType ReadType(ProtoReader reader, List<long> shape)
    {
        var type = ElementType.Undefined;
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            var tensor = reader.Message;
            while (tensor.Read())
            {
                if (tensor.Field == 1)
                    type = (ElementType)Math.Min(tensor.Number, int.MaxValue);
                else if (tensor.Field == 2)
                    ReadShape(tensor.Message, shape);
            }
        }

        return type;
    }

    private static void ReadShape(ProtoReader reader, List<long> shape)
    {
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            long length = -1;
            var dimension = reader.Message;
            while (dimension.Read())
                if (dimension.Field == 1)
                    length = (long)dimension.Number;
            TensorShape.Add(shape, length < 0 ? -1 : length);
        }
    }
}
