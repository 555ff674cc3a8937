using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>
/// Graphs with their weights as this processor's kernels pack them, kept as files: a session maps those, instead of
/// packing a copy into its own memory each time. One for each model's folder, made on its first load; whatever they were
/// made from is part of their name, so that nothing stale is ever opened.
/// </summary>
/// <param name="folder">Where they are kept; made when it is missing.</param>
internal sealed class PackedWeights(string folder)
{
    private const string FileName = "model.onnx";
    private const string DataName = "packed.data";

    /// <summary>Full path of the packed graph, which is written when it is not there.</summary>
    /// <param name="graph">The bytes that were checked.</param>
    /// <param name="source">Full path of the graph's folder.</param>
    /// <param name="dataFiles">Full paths of the files with its weights.</param>
    /// <param name="settings">How a session is made of it; a string that names everything that matters.</param>
    /// <param name="create">Opens the graph with settings to which what writes the files was added.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public string GetOrCreate(
        ReadOnlySpan<byte> graph, string source, IReadOnlyList<string> dataFiles, string settings,
        Func<Action<OrtSessionOptions>, InferenceSession> create)
    {
        var home = Path.Combine(folder, Hash(Encoding.UTF8.GetBytes(source)));
        var name = NameOf(graph, dataFiles, settings);
        var path = Path.Combine(home, name);
        var file = Path.Combine(path, FileName);
        if (File.Exists(file))
            return file;

        // Under another name until it is whole.
        var part = Path.Combine(home, $"{name}.{Environment.ProcessId}.part");
        Directory.CreateDirectory(part);
        try
        {
            create(options => Write(options, part)).Dispose();
            DeleteOthers(home, part);
            Directory.Move(part, path);
        }
        catch
        {
            Directory.Delete(part, recursive: true);
            throw;
        }

        return file;
    }

    private static void Write(OrtSessionOptions options, string part)
    {
        options.OptimizedModelFilePath = Path.Combine(part, FileName);
        options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", DataName);
        options.AddSessionConfigEntry("session.save_external_prepacked_constant_initializers", "1");
    }

    private static void DeleteOthers(string home, string part)
    {
        foreach (var other in Directory.EnumerateDirectories(home))
            if (other != part)
                Directory.Delete(other, recursive: true);
    }

    private static string NameOf(ReadOnlySpan<byte> graph, IReadOnlyList<string> dataFiles, string settings)
    {
        var text = new StringBuilder(Hash(graph)).Append('\n').Append(settings).Append('\n').Append(OrtEnv.Instance().GetVersionString()).Append('\n').Append(Processor);
        foreach (var file in dataFiles.Select(path => new FileInfo(path)))
            text.Append(CultureInfo.InvariantCulture, $"\n{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        return Hash(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];

    /// <summary>What decides how kernels pack: the instructions that the processor has.</summary>
    private static string Processor
    {
        get
        {
            var name = RuntimeInformation.ProcessArchitecture.ToString();
            if (!X86Base.IsSupported)
                return name;
            var (signature, _, features, _) = X86Base.CpuId(1, 0);
            var (_, extended, more, _) = X86Base.CpuId(7, 0);
            // Without the bits that change from one core or moment to the next (initial APIC id is in another register).
            return string.Create(CultureInfo.InvariantCulture, $"{name} {signature:x} {features:x} {extended:x} {more:x}");
        }
    }
}
