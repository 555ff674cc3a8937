namespace ModelRunner.ModelStore.Content;

/// <summary>A kind of fault in a store.</summary>
public enum StoreFaultKind
{
    /// <summary>The bytes of a blob do not hash to its digest.</summary>
    WrongBlob,

    /// <summary>A model lacks a blob.</summary>
    MissingBlob,

    /// <summary>The manifest of a listed model is missing, or does not hash to its digest.</summary>
    WrongManifest,
}
