namespace ModelRunner.Export.Onnx;

/// <summary>Element types, numbered as <c>TensorProto.DataType</c> of onnx.proto.</summary>
internal enum OnnxElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    BFloat16 = 16,
    Float8E4M3 = 17,
}
