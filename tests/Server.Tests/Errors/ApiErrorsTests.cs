using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Server.Errors;
using ModelRunner.Server.Security;

namespace ModelRunner.Server.Tests.Errors;

public sealed class ApiErrorsTests
{
    public static TheoryData<Exception, int, string> Cases => new()
    {
        { new InvalidRequestException("m", "p"), 400, "invalid_request_error" },
        { new InvalidRequestException("m", "messages", InvalidRequestException.ContextLengthExceeded), 400, "invalid_request_error" },
        { new ModelNotFoundException("m"), 404, "invalid_request_error" },
        { new ServerBusyException("m", TimeSpan.FromSeconds(1)), 429, "rate_limit_error" },
        { new ModelLoadException("m"), 500, "server_error" },
        { new Abstractions.Errors.InsufficientMemoryException("m"), 503, "server_error" },
        { new EngineUnavailableException("m"), 503, "server_error" },
        { new GenerationException(GenerationException.DecodeFailed, "m"), 500, "server_error" },
        { new GenerationException(GenerationException.ModelUnloaded, "m"), 503, "server_error" },
        { new AccessDeniedException(AccessDeniedException.InvalidKey, "m"), 401, "authentication_error" },
        { new AccessDeniedException(AccessDeniedException.WrongHost, "m"), 403, "permission_error" },
        { new AccessDeniedException(AccessDeniedException.WrongOrigin, "m"), 403, "permission_error" },
        { new AccessDeniedException(AccessDeniedException.NotRecorded, "m"), 403, "permission_error" },
        { new ServerNotReadyException("m"), 503, "server_error" },
        { new GenerationException(GenerationException.SlowReader, "m"), 408, "invalid_request_error" },
        { new StoreException(StoreException.Conflict, "m"), 409, "invalid_request_error" },
        { new StoreException(StoreException.Unsupported, "m"), 422, "invalid_request_error" },
        { new StoreException(StoreException.Broken, "m"), 500, "server_error" },
        { new StoreException(StoreException.InsufficientStorage, "m"), 507, "server_error" },
        { new StoreException(StoreException.Unavailable, "m"), 503, "server_error" },
        { new TransferException(TransferException.Unauthorized, "m"), 401, "authentication_error" },
        { new TransferException(TransferException.Unavailable, "m"), 502, "server_error" },
        { new TransferException(TransferException.Corrupt, "m"), 502, "server_error" },
        { new TransferException(TransferException.AddressRefused, "m"), 400, "invalid_request_error" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void From_KnownException_HasItsStatusTypeAndCode(Exception exception, int status, string type)
    {
        var error = ApiErrors.From(exception);

        Assert.Equal(status, error.Status);
        Assert.Equal(type, error.Body.Error.Type);
        Assert.Equal(((ModelRunnerException)exception).Code, error.Body.Error.Code);
        Assert.Equal("m", error.Body.Error.Message);
    }

    [Fact]
    public void From_InsufficientMemory_IsRetriedUnlessTheModelAloneIsTooLarge()
    {
        var passing = ApiErrors.From(new Abstractions.Errors.InsufficientMemoryException("m"));
        var permanent = ApiErrors.From(new Abstractions.Errors.InsufficientMemoryException("m") { IsPermanent = true });

        Assert.Equal((503, null, true), (passing.Status, passing.ShouldRetry, passing.RetryAfter is not null));
        Assert.Equal((503, false, false), (permanent.Status, permanent.ShouldRetry, permanent.RetryAfter is not null));
    }

    [Fact]
    public void Codes_OfTheTable_AreThoseOfTheCases() =>
        Assert.Equal(
            ApiErrors.Codes.Order(StringComparer.Ordinal),
            Cases.Select(row => ((ModelRunnerException)row.Data.Item1).Code).Order(StringComparer.Ordinal));
}
