using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Everything that a launch over certain rows reads and writes, bound once: a step then binds nothing, or the mask and
/// the place of the logits when those have changed.
/// </summary>
internal sealed unsafe class RowBinding : IDisposable
{
    private readonly List<OrtValue> _owned = [];
    private readonly int _count;
    private readonly DecoderInterface _decoder;
    private OrtValue? _mask;
    private OrtValue? _logits;
    private int _width;
    private int _place = -1;

    public RowBinding(
        InferenceSession session, DecoderInterface decoder, KvRows kv, int first, int count,
        IntegerInput ids, IntegerInput? positions, LogitsSelection? selection)
    {
        _decoder = decoder;
        _count = count;
        Binding = session.CreateIoBinding();
        Binding.BindInput(ids.Name, Own(ids.AsTensor(count, 1)));
        if (positions is not null)
            Binding.BindInput(positions.Name, Own(positions.AsTensor(count, 1)));
        if (selection is not null)
            Binding.BindInput(selection.Name, Own(selection.AsTensor(1)));
        for (var i = 0; i < decoder.Kv.Count; i++)
        {
            // The very same value in and out: that is how the kernel sees that the memory is shared.
            var tensor = decoder.Kv[i];
            var value = Own(OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)tensor.Type, tensor.Shape(count, kv.Capacity),
                (nint)kv.Row(i, first), count * kv.RowSizeInBytes(i)));
            Kv.Add(value);
            Binding.BindInput(tensor.Past, value);
            Binding.BindOutput(tensor.Present, value);
        }
    }

    public OrtIoBinding Binding { get; }

    /// <summary>Past and present of the rows, layer after layer.</summary>
    public List<OrtValue> Kv { get; } = [];

    public void Bind(IntegerInput? mask, int width, LogitsBuffer logits, int place)
    {
        if (mask is not null && width != _width)
        {
            _mask?.Dispose();
            _mask = mask.AsTensor(_count, width);
            Binding.BindInput(mask.Name, _mask);
            _width = width;
        }

        if (place == _place)
            return;
        _logits?.Dispose();
        _logits = logits.AsTensor(place, _count, 1, _decoder.VocabularySize);
        Binding.BindOutput(_decoder.Logits.Name, _logits);
        _place = place;
    }

    public void Dispose()
    {
        Binding.Dispose();
        foreach (var value in _owned)
            value.Dispose();
        _mask?.Dispose();
        _logits?.Dispose();
    }

    private OrtValue Own(OrtValue value)
    {
        _owned.Add(value);
        return value;
    }
}
