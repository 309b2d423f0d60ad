namespace NasSync.Tests.Vocabulary;

/// <summary>A script makes objects by a cast, which asks for no member. What shows or binds such an object reads all of it.</summary>
public sealed class IncompleteObjectTests
{
    public static TheoryData<Type> Types =>
        [.. typeof(Manifest).Assembly
            .GetExportedTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.GetConstructor([]) is not null)];

    [Theory]
    [MemberData(nameof(Types))]
    public void An_object_that_lacks_all_its_members_can_be_read_and_shown(Type type)
    {
        var made = Activator.CreateInstance(type)!;
        Assert.All(type.GetProperties(), property => property.GetValue(made));
        Assert.NotNull(made.ToString());
    }
}
