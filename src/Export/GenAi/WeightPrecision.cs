namespace ModelRunner.Export.GenAi;

#pragma warning disable CA1720 // These are the names that people know.

/// <summary>How the matrices of a converted model are stored. Activations and the KV cache are always fp32.</summary>
public enum WeightPrecision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>Half precision in the file, widened when the model is loaded: runs on every CPU, at fp32's speed.</summary>
    Fp16,

    /// <summary>Blocks of 32 signed 8-bit codes with one scale. Q8_0 becomes this without loss.</summary>
    Int8,

    /// <summary>Blocks of 32 signed 4-bit codes with one scale. Q4_0 becomes this without loss.</summary>
    Int4,
}
