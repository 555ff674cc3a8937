namespace ModelRunner.ModelStore.Content;

/// <summary>Tells a full disk from other failures.</summary>
internal static class DiskFull
{
    // ENOSPC and EDQUOT of Linux and macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly HashSet<int> Codes = [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    public static bool Is(IOException exception) => Codes.Contains(exception.HResult);

    public static StoreException Error(IOException exception) =>
        new(StoreException.InsufficientStorage, "The disk with the models is full. Remove models that are no longer used, or move MODELS_PATH.", exception);
}
