"""An object store with the API of S3 as the uploads storage. Importing this package does not need its libraries."""
