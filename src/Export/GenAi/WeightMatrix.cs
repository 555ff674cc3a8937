using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// A matrix as the graph needs it, made of rows of tensors: one row for each output, in another order, with rows and
/// columns of zeros between, or several tensors one below the other.
/// </summary>
internal sealed class WeightMatrix
{
    private readonly TensorReader _reader;
    private readonly (GgufTensor Tensor, int Row)[] _rows;
    private readonly int[]? _columns;
    private readonly float[] _sourceRow;

    private WeightMatrix(TensorReader reader, (GgufTensor, int)[] rows, int[]? columns, int sourceLength)
    {
        _reader = reader;
        _rows = rows;
        _columns = columns;
        _sourceRow = columns is null ? [] : new float[sourceLength];
        RowLength = columns?.Length ?? sourceLength;
    }

    /// <summary>Outputs.</summary>
    public int RowCount => _rows.Length;

    /// <summary>Inputs.</summary>
    public int RowLength { get; }

    /// <summary>A whole tensor.</summary>
    /// <param name="reader">Of the tensor's file; used while rows are read.</param>
    /// <param name="tensor">Of two dimensions.</param>
    /// <param name="columns">For each input the tensor's column, or -1 for zeros; null takes all as they are.</param>
    public static WeightMatrix From(TensorReader reader, GgufTensor tensor, int[]? columns = null) =>
        Stack(reader, [(tensor, null)], columns);

    /// <summary>Tensors of equal row length, one below the other.</summary>
    /// <param name="reader">Of the tensors' file; used while rows are read.</param>
    /// <param name="parts">Each with the tensor's row for each of its outputs, or -1 for zeros; null takes all.</param>
    /// <param name="columns">For each input the tensors' column, or -1 for zeros; null takes all as they are.</param>
    public static WeightMatrix Stack(
        TensorReader reader, ReadOnlySpan<(GgufTensor Tensor, int[]? Rows)> parts, int[]? columns = null)
    {
        var rows = new List<(GgufTensor, int)>();
        foreach (var (tensor, map) in parts)
            for (var i = 0; i < (map?.Length ?? tensor.Shape[1]); i++)
                rows.Add((tensor, map?[i] ?? i));
        return new WeightMatrix(reader, [.. rows], columns, (int)parts[0].Tensor.Shape[0]);
    }

    /// <summary>Reads one row, <see cref="RowLength"/> elements.</summary>
    public void ReadRow(int row, Span<float> values)
    {
        var (tensor, source) = _rows[row];
        if (source < 0)
            values.Clear();
        else if (_columns is null)
            _reader.ReadRow(tensor, source, values);
        else
        {
            _reader.ReadRow(tensor, source, _sourceRow);
            for (var i = 0; i < values.Length; i++)
                values[i] = _columns[i] < 0 ? 0 : _sourceRow[_columns[i]];
        }
    }
}
