DROP INDEX deliveries_held;
DROP TABLE advisories;
