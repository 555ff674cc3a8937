using System.Buffers.Binary;

namespace ModelRunner.Gguf;

/// <summary>
/// Checks what would make the native loader or its first decode end the process instead of returning an error.
/// Unknown architectures get the generic checks, so a pass means less there.
/// </summary>
public static class GgufModelValidator
{
    /// <summary>Passes or throws; reads no weights.</summary>
    /// <exception cref="GgufException">Names the first key or tensor that is wrong.</exception>
    public static void Validate(GgufFile file)
    {
        var architecture = file.Metadata.GetText("general.architecture")
            ?? throw new GgufException("'general.architecture' is missing");
        if (architecture.Length is 0 or > 64 || architecture.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')))
            throw new GgufException($"'general.architecture' is not a name: {architecture.Length} characters");
        if (file.Metadata.GetText("general.type") is { } type && type != "model")
            throw new GgufException($"'general.type' is '{type}', expected 'model'");

        CheckNumbers(file.Metadata, architecture);
        CheckTensorTypes(file);
        var vocabularySize = GgufVocabularyValidator.Validate(file.Metadata);
        GgufArchitectureValidator.Validate(file, architecture, vocabularySize);
    }

    private static void CheckNumbers(GgufMetadata metadata, string architecture)
    {
        var prefix = architecture + ".";
        foreach (var (key, value) in metadata.Entries)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            if (value.Type.IsFloat() && value.TryGetNumber(out var number) && !(Math.Abs(number) <= float.MaxValue))
                throw new GgufException($"'{key}' is {value}, expected a finite number");
            if (value.Array is { ElementType: GgufValueType.Float32 } array)
                CheckFinite(key, array);
        }
    }

    internal static void CheckFinite(string key, GgufArray array)
    {
        var encoded = array.Encoded;
        for (var i = 0; i < array.Count; i++)
            if (!float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(encoded[(4 * i)..])))
                throw new GgufException($"'{key}' holds a number that is not finite at index {i}");
    }

    private static void CheckTensorTypes(GgufFile file)
    {
        foreach (var tensor in file.Tensors)
        {
            if (tensor.Shape.Any(length => length > int.MaxValue))
                throw new GgufException($"tensor '{tensor.Name}' has a dimension above {int.MaxValue}");
            if (tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && !tensor.Type.IsWeightType())
                throw new GgufException($"tensor '{tensor.Name}' has the type {tensor.Type}, which cannot be computed with");
        }
    }
}
