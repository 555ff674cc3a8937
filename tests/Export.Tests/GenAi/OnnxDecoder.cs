using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>Runs a converted folder in ONNX Runtime on one thread, with growing KV tensors: names come from the folder's config.</summary>
internal sealed class OnnxDecoder : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly int _layerCount;
    private readonly int _kvHeadCount;
    private readonly int _headLength;
    private List<float[]> _kv = [];
    private int _length;

    public OnnxDecoder(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "genai_config.json")));
        var decoder = config.RootElement.GetProperty("model").GetProperty("decoder");
        _layerCount = decoder.GetProperty("num_hidden_layers").GetInt32();
        _kvHeadCount = decoder.GetProperty("num_key_value_heads").GetInt32();
        _headLength = decoder.GetProperty("head_size").GetInt32();
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(Path.Combine(folder, decoder.GetProperty("filename").GetString()!), options);
        Reset();
    }

    public int HeadLength => _headLength;

    /// <summary>Forgets the tokens so far.</summary>
    public void Reset()
    {
        _length = 0;
        _kv = [.. Enumerable.Range(0, 2 * _layerCount).Select(_ => Array.Empty<float>())];
    }

    /// <summary>Appends tokens; the logits of each of them.</summary>
    public float[][] Decode(params ReadOnlySpan<int> tokens)
    {
        var ids = tokens.ToArray().Select(token => (long)token).ToArray();
        var total = _length + ids.Length;
        var mask = Enumerable.Repeat(1L, total).ToArray();
        var names = new List<string> { "input_ids", "attention_mask" };
        var values = new List<OrtValue>
        {
            OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]),
            OrtValue.CreateTensorValueFromMemory(mask, [1, total]),
        };
        var outputs = new List<string> { "logits" };
        for (var i = 0; i < 2 * _layerCount; i++)
        {
            var part = i % 2 == 0 ? "key" : "value";
            names.Add($"past_key_values.{i / 2}.{part}");
            values.Add(OrtValue.CreateTensorValueFromMemory(_kv[i], [1, _kvHeadCount, _length, _headLength]));
            outputs.Add($"present.{i / 2}.{part}");
        }

        using var results = _session.Run(_run, names, values, outputs);
        foreach (var value in values)
            value.Dispose();
        var logits = results[0].GetTensorDataAsSpan<float>();
        var width = logits.Length / ids.Length;
        var rows = new float[ids.Length][];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = logits.Slice(i * width, width).ToArray();
        for (var i = 0; i < _kv.Count; i++)
            _kv[i] = results[i + 1].GetTensorDataAsSpan<float>().ToArray();
        _length = total;
        return rows;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
